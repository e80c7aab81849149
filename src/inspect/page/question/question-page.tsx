import type { QuestionRequest } from "../../contract.js";
import type { Api } from "../shared/api.js";
import type { RouteOf } from "../shared/route.js";
import { type Answer, useAnswer } from "../shared/use-answer.js";
import { Hits } from "./hits.js";
import { QuestionForm } from "./question-form.js";
import { modeOf, requestOf } from "./request.js";

const useQuestion = (api: Api, request: QuestionRequest | undefined) =>
  useAnswer(
    (signal) => api.question(request ?? { question: "" }, signal),
    request && JSON.stringify(request),
  );

const Status = ({ answer }: { answer: Answer<unknown> }) => (
  <>
    {answer.problem && <p role="alert">{answer.problem}</p>}
    {answer.isLoading && <p class="quiet">Searching…</p>}
  </>
);

/** Asks a question as a search would, in one mode or in two side by side. */
export const QuestionPage = ({
  api,
  route: { fields },
  modes,
}: {
  api: Api;
  route: RouteOf<"question">;
  modes: readonly string[];
}) => {
  const besideMode = modeOf(fields.beside);
  const first = useQuestion(api, requestOf(fields, modeOf(fields.mode)));
  const second = useQuestion(api, besideMode && requestOf(fields, besideMode));
  return (
    <main>
      <h1 class="hidden">Question</h1>
      <QuestionForm fields={fields} modes={modes} />
      {fields.q === undefined && (
        <p class="quiet">
          The answer shows each hit on its page, and where it stands by vector and by words.
        </p>
      )}
      <div class={second.value ? "answers two" : "answers"} aria-live="polite">
        <div>
          <Status answer={first} />
          {first.value && <Hits api={api} answer={first.value} other={second.value} />}
        </div>
        {besideMode && (
          <div>
            <Status answer={second} />
            {second.value && <Hits api={api} answer={second.value} other={first.value} />}
          </div>
        )}
      </div>
    </main>
  );
};
