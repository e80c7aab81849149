import type { PageView } from "../../../contract.js";

/** Where the foot of letters is in the box of a word, and how large they are. */
const BASELINE = 0.8;
const LETTERS = 0.9;

/** The letters of the page at the places where they were recognised. */
export const Words = ({ words }: Pick<PageView, "words">) => (
  <g class="words">
    {words.map(({ text, box }, index) => (
      <text
        key={index}
        x={box.left}
        y={box.top + box.height * BASELINE}
        font-size={box.height * LETTERS}
        textLength={box.width}
        lengthAdjust="spacingAndGlyphs"
      >
        {text}
      </text>
    ))}
  </g>
);
