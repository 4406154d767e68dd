import { darkColours } from "./charts/theme.ts";

/** Rules that repaint the charts inside `scope`, a CSS selector, colour by colour for a dark page. */
export const darkCharts = (scope: string): string =>
  Object.entries(darkColours)
    .flatMap(([light, dark]) => [
      `${scope} svg [fill="${light}"]{fill:${dark}}`,
      `${scope} svg [stroke="${light}"]{stroke:${dark}}`,
    ])
    .join("\n");

/** Style sheet of the report page; charts are repainted colour by colour in the dark scheme. */
export const pageStyle = `:root{--paper:#fff;--soft:#f6f8fa;--text:#1f2328;--muted:#57606a;--line:#d0d7de;--link:#0b57d0;--good:#1a7f37;--fair:#9a6700;--bad:#cf222e;--open:#57606a}
*{box-sizing:border-box}
body{margin:0 auto;max-width:75rem;padding:1.5rem clamp(1rem,3vw,2.5rem) 4rem;background:var(--paper);color:var(--text);font:16px/1.55 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.7rem;line-height:1.25;margin:.2rem 0 .6rem}
h2{font-size:1.3rem;margin:2.6rem 0 .3rem;padding-top:.6rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.4rem 0 .4rem}
p{max-width:52rem}
a{color:var(--link)}
code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9em;background:var(--soft);padding:.1em .35em;border-radius:4px}
.meta{color:var(--muted);font-size:.88rem;margin:.2rem 0 1rem;max-width:none}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;padding:0;margin:.8rem 0 0}
.chart{margin:1rem 0;overflow-x:auto;background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:.5rem}
.chart svg{display:block;max-width:100%;height:auto;min-width:36rem}
.chart .live svg{background:none!important}
.chart.narrow .live svg{min-width:0}
h1,h2,h3,p,li{overflow-wrap:anywhere}
.chart .pointed{stroke:var(--text);stroke-width:2.5px}
.chart img{display:block;max-width:100%}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.tooltip{position:fixed;z-index:10;max-width:min(24rem,calc(100vw - 12px));padding:.5rem .7rem;border-radius:8px;background:var(--text);color:var(--paper);font-size:.82rem;line-height:1.4;pointer-events:none;box-shadow:0 4px 16px #0005;overflow-wrap:anywhere}
.tooltip strong{display:block}
.tooltip[hidden],.still[hidden],.live[hidden]{display:none}
button.download{font:inherit;color:var(--link);background:none;border:1px solid var(--line);border-radius:6px;padding:.15rem .6rem;cursor:pointer}
.chart svg .mark-symbol path:hover{stroke:var(--text);stroke-width:2px}
.scroll{overflow-x:auto;margin:.8rem 0}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);font-weight:400}
thead th{background:var(--soft);font-weight:600;white-space:nowrap}
tbody th{font-weight:500}
th.number,td.number{text-align:right}
tr.note td{color:var(--muted);font-size:.84rem;padding-top:0}
.claims tbody th{min-width:14rem}
.claims tr:not(.note):has(+ .note)>*{border-bottom:0}
.source{display:block;color:var(--muted)}
.verdict{display:inline-block;white-space:nowrap;border-radius:999px;padding:.05rem .6rem;border:1px solid currentcolor;font-size:.82rem;font-weight:600}
.good{color:var(--good)}.fair{color:var(--fair)}.bad{color:var(--bad)}.open{color:var(--open)}
summary{cursor:pointer;margin:1rem 0 .2rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media (prefers-color-scheme:dark){
:root{--paper:#161b22;--soft:#1f262e;--text:#e6edf3;--muted:#9aa7b4;--line:#30363d;--link:#7fb0ff;--good:#56d364;--fair:#e3b341;--bad:#ff7b72;--open:#9aa7b4}
${darkCharts(".chart")}
}
@media (max-width:600px){.scroll table{min-width:36rem}}
@media print{.chart{break-inside:avoid}details:not([open])>*:not(summary){display:revert}}
`;
