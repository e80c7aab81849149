/** Elements that are on lines of their own. */
const BLOCK_NAMES =
  "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure " +
  "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol optgroup p pre search section " +
  "summary table tbody tfoot thead title tr ul";

const INLINE_NAMES =
  "a abbr acronym audio b bdi bdo big button canvas cite code col colgroup data datalist del dfn em embed font i iframe " +
  "img input ins kbd label link map area mark meta meter noscript object optgroup option output picture progress q rb rp " +
  "rt rtc ruby s samp script select slot small source span strike strong style sub sup svg template textarea td th time " +
  "track tt u var video wbr br base frame frameset noframes applet param nobr blink marquee";

const MATH_NAMES =
  "annotation annotation-xml maction math menclose merror mfenced mfrac mglyph mi mlabeledtr mmultiscripts mn mo mover " +
  "mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder " +
  "munderover none semantics";

const SVG_NAMES = "circle defs desc ellipse g image line path polygon polyline rect symbol text tspan use";

const setOf = (...lists: string[]): ReadonlySet<string> => new Set(lists.flatMap((list) => list.split(" ")));

export const BLOCK_ELEMENTS = setOf(BLOCK_NAMES);

/** The names of HTML, MathML and the common ones of SVG. */
export const KNOWN_ELEMENTS = setOf(BLOCK_NAMES, INLINE_NAMES, MATH_NAMES, SVG_NAMES);

/** Elements without an end tag. */
export const VOID_ELEMENTS = setOf("area base br col embed hr img input link meta param source track wbr");

/** Elements whose end tag may be left out. */
export const OPTIONAL_END_ELEMENTS = setOf(
  "p li dt dd tr td th thead tbody tfoot colgroup option optgroup rt rp rb rtc html head body",
);

/** Elements that hold other elements and no text of their own. */
export const STRUCTURE_ELEMENTS = setOf("table thead tbody tfoot tr ul ol dl colgroup select");
