/** What a label names: a table, a picture, or either, as `Exhibit 3` does. */
export type LabelKind = "Table" | "Picture" | "any";

interface Series {
  /** Labels of one series are numbered together: `Figure 1` and `Chart 1` are in different series. */
  name: string;
  kind: LabelKind;
  /** In lower case, without the full stop of abbreviations. */
  words: string;
  /** Plural forms, which several numbers may follow. */
  plurals?: string;
}

/** Words of scripts that are written without spaces. */
const UNSPACED: readonly Series[] = [
  { name: "table", kind: "Table", words: "表格 表 표 ตารางที่ ตาราง" },
  { name: "figure", kind: "Picture", words: "図 图 圖 插图 그림 รูปที่ ภาพที่" },
  { name: "chart", kind: "any", words: "図表 图表 圖表 グラフ" },
  { name: "photo", kind: "Picture", words: "写真 照片 사진" },
];

const SPACED: readonly Series[] = [
  {
    name: "table",
    kind: "Table",
    words:
      "table tbl tableau cuadro quadro tabelle tab tabla tabela tabella tabell tabel taulukko tabulka tabuľka tablica tablo tabelul táblázat таблица таблице таблиця табл πίνακας جدول الجدول والجدول तालिका सारणी bảng",
    plurals: "tables tbls tableaux tabellen tablas tabelas tabelle tabeller таблицы таблицах",
  },
  {
    name: "figure",
    kind: "Picture",
    words:
      "figure fig abbildung abb figura figur figuur kuva kuvio rysunek rys obrázek obr ábra şekil рисунок рисунке рис εικόνα σχήμα شكل الشكل والشكل चित्र hình gambar afbeelding afb",
    plurals: "figures figs abbildungen figuras figurer figuren afbeeldingen рисунки рисунках",
  },
  {
    name: "chart",
    kind: "Picture",
    words: "chart graph grafik schaubild graphique graf gráfico gráfica grafico diagramm график",
    plurals: "charts graphs grafiken schaubilder graphiques gráficos grafici diagramme",
  },
  { name: "diagram", kind: "Picture", words: "diagram diagrama diagramma схема диаграмма schéma schema" },
  { name: "map", kind: "Picture", words: "map karte carte mapa mappa карта", plurals: "maps karten cartes" },
  { name: "photo", kind: "Picture", words: "photo photograph foto фото", plurals: "photos fotos" },
  { name: "image", kind: "Picture", words: "image bild imagen imagem immagine", plurals: "images bilder" },
  { name: "plate", kind: "Picture", words: "plate illustration ill", plurals: "plates illustrations" },
  { name: "exhibit", kind: "any", words: "exhibit", plurals: "exhibits" },
  { name: "box", kind: "any", words: "box encadré recuadro kasten", plurals: "boxes" },
];

/** Languages that put the number first: `2. táblázat`. */
export const NUMBER_FIRST = "táblázat ábra tabula attēls lentelė pav";

export interface LabelWord {
  series: string;
  kind: LabelKind;
  plural: boolean;
}

const capitalised = (word: string): string => word.charAt(0).toLocaleUpperCase() + word.slice(1);

/** Returns a word in lower case, with a capital, and in capitals. */
const cases = (word: string): string[] => [...new Set([word, capitalised(word), word.toLocaleUpperCase()])];

const found = new Map<string, LabelWord>();
const alternatives = (words: Iterable<string>): string =>
  [...words].sort((a, b) => b.length - a.length).join("|");

const register = (list: readonly Series[]): string => {
  const own = new Set<string>();
  for (const { name, kind, words, plurals = "" } of list) {
    const add = (text: string, plural: boolean) => {
      for (const word of text.split(" ").filter(Boolean).flatMap(cases)) {
        if (!found.has(word)) found.set(word, { series: name, kind, plural });
        own.add(word);
      }
    };
    add(words, false);
    add(plurals, true);
  }
  return alternatives(own);
};

/** Sources of regular expressions for the words that begin a label. */
export const SPACED_WORDS = register(SPACED);
export const UNSPACED_WORDS = register(UNSPACED);
export const NUMBER_FIRST_WORDS = alternatives(NUMBER_FIRST.split(" ").flatMap(cases));

const FIRST_OF: Readonly<Record<string, LabelWord>> = {
  tabula: { series: "table", kind: "Table", plural: false },
  lentelė: { series: "table", kind: "Table", plural: false },
  attēls: { series: "figure", kind: "Picture", plural: false },
  pav: { series: "figure", kind: "Picture", plural: false },
};

/** Returns what a word means that one of the expressions above has matched. */
export const labelWord = (word: string): LabelWord | undefined =>
  found.get(word) ?? FIRST_OF[word.toLocaleLowerCase()];
