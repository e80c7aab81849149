/** Names of months and their short forms, in languages of Europe and in Indonesian; lower case, without a full stop. */
const NAMES = `
  abr abril ago agosto agu ağu ağustos agustus août apr ápr april aprile aprilie április ara aralık aug august
  augusti augustus augusztus avr avril bře březen března červen července červenec června čvc čvn cze czerwca
  czerwiec dec déc december décembre decembrie des desember dez dezember dezembro dic dicembre diciembre dub
  duben dubna eki ekim elo elokuu elokuuta ene enero eyl eylül feb febbraio febr febrero februar február
  februari februarie february fev fevereiro févr février gen gennaio giu giugno gru grudnia grudzień haz haziran
  heinä heinäkuu heinäkuuta helmi helmikuu helmikuuta huhti huhtikuu huhtikuuta ian ianuarie iul iulie iun iunie
  jan janeiro januar január januari january janv janvier joulu joulukuu joulukuuta juil juillet juin jul júl
  julho juli julio július july jun jún june junho juni junio június kas kasım kesä kesäkuu kesäkuuta kol kolovoz
  kolovoza kvě květen května kwi kwiecień kwietnia led leden ledna lip lipanj lipca lipiec lipnja lis listopad
  listopada listopadu loka lokakuu lokakuuta lug luglio lut lutego luty maalis maaliskuu maaliskuuta maart mag
  maggio mai maio maj máj maja május mar mär márc marca march március março maret marras marraskuu marraskuuta
  mars mart martie marts märz marzec marzo may mayıs mayo mei mrt mrz nis nisan noiembrie nov november novembre
  novembro noviembre oca ocak oct october octobre octombrie octubre okt oktober október ott ottobre out outubro
  ožu ožujak ožujka paź październik października prosinac prosinca prosince prosinec říj říjen října ruj rujan
  rujna sep sept september septembre septembrie septiembre set setembro sett settembre sie sierpień sierpnia sij
  siječanj siječnja srp srpanj srpen srpna srpnja stu studeni studenoga sty styczeń stycznia şub şubat svi
  svibanj svibnja syys syyskuu syyskuuta szept szeptember tammi tammikuu tammikuuta tem temmuz touko toukokuu
  toukokuuta tra travanj travnja úno únor února velj veljača veljače wrz wrzesień września zář září απρ απριλίου
  αυγ αυγούστου δεκ δεκεμβρίου ιαν ιανουαρίου ιουλ ιουλίου ιουν ιουνίου μαΐ μαΐου μαρ μαρτίου νοε νοεμβρίου οκτ
  οκτωβρίου σεπ σεπτεμβρίου φεβ φεβρουαρίου авг август августа апр апрель апреля бер березень березня вер
  вересень вересня груд грудень грудня дек декабрь декабря жовт жовтень жовтня июл июль июля июн июнь июня квіт
  квітень квітня лип липень липня лист листопад листопада лют лютий лютого май мар март марта мая нояб ноябрь
  ноября окт октябрь октября сент сентябрь сентября серп серпень серпня січ січень січня трав травень травня
  февр февраль февраля черв червень червня янв январь января
`;

const MONTHS: ReadonlySet<string> = new Set(NAMES.trim().split(/\s+/));

/** Tells whether a word is the name of a month. */
export const isMonth = (word: string): boolean => MONTHS.has(word.toLowerCase());
