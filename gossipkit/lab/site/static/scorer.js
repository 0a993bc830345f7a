// A heading that is looked for comes before the page on which it stands; all other numbers are Sphinx's own (searchtools.js).
var Scorer = {
  score: ([, , anchor, , score]) => score + (anchor ? 1 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
