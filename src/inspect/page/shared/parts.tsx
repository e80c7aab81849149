import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

export const Part = ({
  name,
  children,
  action,
}: {
  name: string;
  children: ComponentChildren;
  action?: ComponentChildren;
}) => (
  <section class="part">
    <h3>
      {name} {action}
    </h3>
    {children}
  </section>
);

export const Text = ({ children }: { children: string }) => (
  <pre class="text">{children === "" ? "(no text)" : children}</pre>
);

export const Json = ({ name, value }: { name: string; value: unknown }) => (
  <details>
    <summary>{name}</summary>
    <pre class="json">{JSON.stringify(value, undefined, 2)}</pre>
  </details>
);

/** Facts by name, where they are known. */
export const Facts = ({ facts }: { facts: Readonly<Record<string, ComponentChildren>> }) => (
  <dl class="facts">
    {Object.entries(facts).map(([name, value]) =>
      value === null || value === undefined || value === "" ? null : (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ),
    )}
  </dl>
);

/** Copies a text, and says so for a moment. */
export const Copy = ({ text, name = "Copy" }: { text: string; name?: string }) => {
  const [said, setSaid] = useState<string | undefined>(undefined);
  const copy = async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    setSaid(isCopied ? "Copied" : "Not allowed by the browser");
    setTimeout(() => setSaid(undefined), 1500);
  };
  return (
    <button type="button" class="copy" onClick={() => void copy()}>
      <span aria-live="polite">{said ?? name}</span>
    </button>
  );
};
