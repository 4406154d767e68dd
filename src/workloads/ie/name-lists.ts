/** Word lists: gazetteers of the workload and raw material of the generator. Everyday given names and words, lower-cased. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/u);

/** Given names common in English text, from several languages. */
export const givenNames = words(`
  aaron abigail adam adrian agnes alan albert alex alexander alfred alice alison allan amanda amelia amy ana andrea andreas
  andrew andy angela angelo anita ann anna anne annie anthony antonio arnold arthur audrey barbara barry beatrice ben benjamin
  bernard bert beth betty bill billy bob bobby brad brandon brenda brian bruce bryan carl carla carlos carol caroline catherine
  cecil charles charlie charlotte cheryl chris christian christina christine christopher cindy claire clara clarence claude
  clifford colin connie craig curtis cynthia dale daniel danny darren dave david dean deborah denis dennis derek diana diane
  dick dirk dominic don donald donna doris dorothea dorothy doug douglas duncan dylan earl eddie edgar edith edmund eduardo
  edward edwin eileen elaine eleanor elena eli elizabeth ella ellen elsie emily emma enrique eric erica erik ernest ethan
  eugene eva evan eve evelyn felix fernando florence frances francesco francis francisco frank franklin franz fred freda
  frederick friedrich gabriel gary gavin geoffrey george gerald gerard gilbert giovanni glen gloria gordon grace graham greg
  gregory guido gunther gustav guy hans harold harriet harry harvey hayley heather hector helen helena henri henry herbert
  herman howard hubert hugh hugo ian ida ilona ingrid irene isaac isabel ivan jack jackie jacob jacques james jamie jan jane
  janet janice jason jay jean jeff jeffrey jennifer jenny jeremy jerome jerry jesse jessica jessie jim jimmy joan joanna joe
  johann john johnny jon jonathan jorge jose joseph joshua joyce juan judith judy julia julian julie june justin karen karl
  kate katherine kathleen kathy katie keith kelly ken kenneth kenny kevin kim kurt kyle lance larry laura lauren laurence
  lawrence lee leo leon leonard leroy leslie lewis lillian linda lisa lloyd lois louis louise lucas lucy luis luke lydia
  lynn mabel manuel marc marcel marcus margaret maria marian marie marilyn mario marion mark marlene martha martin marvin mary
  mathew matt matthew maurice max may melanie melissa melvin michael michel michelle miguel mike milton miriam mitchell mohammed
  molly monica morris moses murray nancy naomi natalie nathan neil nicholas nick nicola nicole nigel nina noel nora norma norman
  oliver olivia omar oscar otto pablo pamela pat patricia patrick paul paula pauline pedro peggy penny percy pete peter phil
  philip phillip phyllis pierre rachel ralph ramon randy ray raymond rebecca reginald rene rex ricardo richard rick ricky rita
  robert roberto robin rodney roger roland ron ronald rosa rose rosemary ross roy ruby rudolf rupert russell ruth ryan sally
  sam samantha samuel sandra sara sarah scott sean sebastian sergio seth shane sharon sheila shirley sidney silvia simon sofia
  sonia sophie stan stanley stella stephanie stephen steve steven stewart stuart sue susan sylvia ted teresa terence terry
  thelma theodore theresa thomas tim timothy tina todd tom tommy tony tracy trevor ursula valerie vanessa vera vernon veronica
  vicky victor victoria vincent viola violet virginia vivian wallace walter wanda warren wayne wendy werner wilbur wilfred
  wilhelm will william willie winston yolanda yvonne zoe
`);

/** Family names common in English text. */
export const familyNames = words(`
  adams allen anderson bailey baker barnes bell bennett brooks brown bryant butler campbell carter clark coleman collins cook
  cooper cox davies davis diaz edwards evans fisher flores foster fuller garcia gibson gonzalez graham grant gray green griffin
  hall hamilton hansen harris harrison hayes henderson hernandez hill howard hughes hunt jackson jenkins jensen johnson jones
  jordan kelly kennedy khan kim king klein knight kumar lane larsen lee lewis long lopez macdonald marshall martinez mason
  mcdonald meyer miller mills mitchell moore morgan morris murphy murray nelson nguyen nielsen novak owen palmer parker patel
  patterson perez perry peters phillips porter powell price ramirez reed reyes reynolds richards richardson rivera roberts
  robertson robinson rogers rossi russell ryan sanders schmidt schneider scott shaw silva simmons simpson singh smith stevens
  stewart stone sullivan suzuki taylor thompson torres tucker turner walker wallace ward washington watson weaver webb weber
  wells west white williams wilson wood wright yang young
`);

/** Titles and ranks that stand before a person's name. */
export const honorifics = words(`
  mr mr. mrs mrs. ms ms. dr dr. prof prof. professor sir lady lord dame king queen prince princess emperor president chancellor
  minister senator governor mayor judge justice captain colonel general major lieutenant sergeant admiral commander pope
  bishop archbishop cardinal father brother sister saint st. rev rev. reverend doctor director coach
`);

/** Verbs and nouns that tell of a person doing or being something. */
export const personCues = words(`
  said says told asked replied argued wrote born died married met played sang starred directed composed founded
  resigned retired graduated studied taught who whom whose he she his her him actor actress singer author writer poet painter
  guitarist drummer bassist vocalist pianist composer player coach manager chairman founder lawyer scientist physicist
`);

/** Words that are part of the names of organisations. */
export const organisationCues = words(`
  inc inc. ltd ltd. corp corp. company co co. group bank university college institute school party league club council committee
  association society union agency ministry department court museum press records airlines motors steel partners holdings
  foundation trust
`);
