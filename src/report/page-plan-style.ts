/** Style sheet of plan views: drums, states and the papers' colours of change types, light and dark. */
export const planStyle = `:root{--dpr:#8250df;--li:#d97706;--ppr:#2da44e;--other:#6e7781;--pruned:#eef0f2;--pruned-line:#c3cad1;--pruned-text:#6e7781}
section.wide{width:min(100vw - 2rem,100rem);margin-inline:calc(50% - min(50vw - 1rem,50rem))}
.keys{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;margin:.4rem 0 1rem;font-size:.82rem;color:var(--muted)}
.keys li{display:flex;align-items:center;gap:.35rem}
.plan-view{border:1px solid var(--line);border-radius:10px;overflow:hidden;background:var(--paper)}
.plan-view .bar{display:flex;gap:.5rem;align-items:center;padding:.6rem .8rem;background:var(--soft);border-bottom:1px solid var(--line)}
.plan-view div.strip{display:flex;gap:.25rem;overflow-x:auto;flex:1;padding:3px;scrollbar-width:thin}
.plan-view button{font:inherit;font-size:.85rem;color:var(--text);background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:.3rem .7rem;cursor:pointer;white-space:nowrap}
.plan-view button:hover:enabled{border-color:var(--text)}
.plan-view button:disabled{opacity:.45;cursor:default}
.plan-view .strip button{padding:.3rem .1rem;min-width:2.1rem;border-bottom:4px solid var(--other);font-variant-numeric:tabular-nums}
.plan-view .strip .dpr{border-bottom-color:var(--dpr)}.plan-view .strip .li{border-bottom-color:var(--li)}.plan-view .strip .ppr{border-bottom-color:var(--ppr)}
.plan-view .strip [aria-current]{background:var(--text);color:var(--paper);font-weight:700}
.plan-view .now{margin:.8rem .9rem .2rem;max-width:none;display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:center;min-height:1.8rem}
.plan-view .label{color:var(--muted)}
.chip{border-radius:999px;padding:.05rem .65rem;font-size:.82rem;font-weight:600;border:1px solid currentcolor;color:var(--other)}
.chip.dpr{color:var(--dpr)}.chip.li{color:var(--li)}.chip.ppr{color:var(--ppr)}
.panes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}
.pane{padding:.6rem .9rem 1rem;min-width:0}
.pane+.pane{border-left:1px solid var(--line)}
.pane label{font-size:.9rem;color:var(--muted)}
.pane select{font:inherit;font-weight:600;color:var(--text);background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:.2rem .4rem}
.pane .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.4rem .8rem;margin:.6rem 0;font-size:.9rem;font-variant-numeric:tabular-nums;min-height:5.9rem;align-content:start}
.pane dt{color:var(--muted);font-size:.78rem}.pane dd{margin:0;font-weight:600}.pane dd.more{font-weight:400;font-size:.76rem;color:var(--muted);line-height:1.3}
.canvas{overflow-x:auto}
.canvas svg{display:block;margin:0 auto;max-width:100%;height:auto}
.plan text{font:600 12px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--text)}
.plan text.small{font-weight:400;font-size:11px;fill:var(--muted)}
.plan .dpr{--own:var(--dpr)}.plan .li{--own:var(--li)}.plan .ppr{--own:var(--ppr)}.plan .other{--own:var(--other)}
.plan rect{fill:color-mix(in srgb,var(--own) 15%,var(--paper));stroke:var(--own);stroke-width:1.5}
.plan .bar{stroke:var(--own);stroke-width:4;stroke-linecap:round;fill:none}
.plan .mark{fill:var(--own)}
.plan .prune rect,.plan .sliced rect{fill:var(--pruned);stroke:var(--pruned-line);stroke-dasharray:4 3}
.plan .prune .bar,.plan .sliced .bar{stroke:var(--pruned-line)}
.plan .prune text,.plan .sliced text{fill:var(--pruned-text);font-weight:400}
.plan .load rect{fill:var(--paper)}
.plan .drum{fill:var(--own);stroke:var(--paper);stroke-width:1.4}
.plan .drum.kept{fill:var(--paper);stroke:var(--own)}
.plan .prune .drum.kept{stroke:var(--pruned-text)}
.plan .edge{fill:none;stroke:var(--pruned-line);stroke-width:1.2}
.plan .edge.used{stroke:var(--muted)}
.plan .edge.pointed{stroke:var(--link);stroke-width:2.2}
.plan .node{cursor:default;outline:none}
.plan .node.pointed rect,.plan .node:focus-visible rect{stroke:var(--link);stroke-width:2.6;stroke-dasharray:none}
.plan-view .ends{color:var(--muted);padding:2rem 0;text-align:center;max-width:none}
@media (max-width:52rem){.pane+.pane{border-left:0;border-top:1px solid var(--line)}.plan-view .bar{flex-wrap:wrap}.plan-view div.strip{order:3;flex-basis:100%}.plan-view .next{margin-left:auto}}
@media (prefers-color-scheme:dark){:root{--dpr:#a982f5;--li:#ffa940;--ppr:#3fb963;--other:#9aa7b4;--pruned:#21262d;--pruned-line:#3d444d;--pruned-text:#8b949e}}
`;
