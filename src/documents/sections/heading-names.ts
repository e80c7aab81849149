/** Headings without a number that stand beside numbered sections, not below the last of them. */
const NAMES = [
  "abstract|contents|table of contents|list of (?:figures|tables|abbreviations)|foreword|preface|executive summary",
  "references|bibliography|works cited|literature|further reading|glossary|index|endnotes",
  "acknowledge?ments?|acknowledge?ments? and .*|funding|disclosures?|declarations?|disclaimer",
  "(?:author|authors'?) contributions|conflicts? of interests?|competing interests|data (?:and code )?availability.*",
  "(?:statement of )?ethics(?: statement)?|ethical approval|supplementary (?:materials?|information|data)",
  "(?:appendix|appendices|annex|annexes|schedules|exhibits|attachments)(?:[:.–—-] ?.*)?",
  "signatures?|signature page|execution|in witness whereof.*",
  "inhalt|inhaltsverzeichnis|vorwort|zusammenfassung|literatur|literaturverzeichnis|quellen|quellenverzeichnis",
  "danksagung|anhang|anhänge|anlagen|glossar|abkürzungsverzeichnis|stichwortverzeichnis|unterschriften?|impressum",
  "sommaire|table des matières|avant-propos|résumé|références|bibliographie|remerciements|annexes?|glossaire|signatures",
  "índice|prólogo|resumen|referencias|bibliografía|agradecimientos|anexos?|apéndices?|glosario|firmas",
  "sumário|resumo|referências|bibliografia|agradecimentos|glossário|assinaturas",
  "indice|prefazione|riassunto|riferimenti|ringraziamenti|allegati|appendici|glossario|firme",
  "inhoudsopgave|voorwoord|samenvatting|literatuur|bronnen|dankwoord|bijlagen|ondertekening",
  "содержание|предисловие|аннотация|литература|список литературы|благодарности|приложения?|подписи",
  "目录|目次|前言|序|序言|摘要|参考文献|致谢|謝辞|附录|附錄|付録|索引|签字页|目錄|참고문헌|감사의 글|부록|목차|초록",
].join("|");

const PATTERN = new RegExp(`^(?:${NAMES})[:.]?$`, "iu");

/** Tells whether a heading names a part of a document that is usually not numbered, such as `References`. */
export const standsAlone = (heading: string): boolean =>
  PATTERN.test(heading.replace(/[\s*_#]+/g, " ").trim());
