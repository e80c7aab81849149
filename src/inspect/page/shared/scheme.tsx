import { useEffect, useState } from "preact/hooks";

const SCHEMES = ["system", "light", "dark"] as const;
type Scheme = (typeof SCHEMES)[number];

const KEY = "unsiloed-ingest scheme";

/** Browsers may keep nothing for a page; then the choice lasts as long as the page. */
const remembered = (): Scheme => {
  try {
    return SCHEMES.find((scheme) => scheme === localStorage.getItem(KEY)) ?? "system";
  } catch {
    return "system";
  }
};

const remember = (scheme: Scheme): void => {
  try {
    localStorage.setItem(KEY, scheme);
  } catch {
    // Not remembered.
  }
};

/** Switches between dark and light; the system decides until it is used. */
export const SchemeSwitch = () => {
  const [scheme, setScheme] = useState(remembered);
  useEffect(() => {
    document.documentElement.dataset["scheme"] = scheme;
    remember(scheme);
  }, [scheme]);
  return (
    <label class="scheme">
      <span class="hidden">Colors</span>
      <select
        value={scheme}
        onChange={({ currentTarget }) =>
          setScheme(SCHEMES.find((each) => each === currentTarget.value) ?? "system")
        }
      >
        {SCHEMES.map((each) => (
          <option key={each} value={each}>
            {each === "system" ? "system colors" : each}
          </option>
        ))}
      </select>
    </label>
  );
};
