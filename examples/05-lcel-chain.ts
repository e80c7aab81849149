// Plug the retriever into a LangChain chain.
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnablePassthrough, RunnableSequence } from "@langchain/core/runnables";
import { formatContext, SegmentRetriever } from "unsiloed-ingest/retrieval";
import { chatModel, filledStore, withDirectory } from "./support/offline.js";

await withDirectory(async (directory) => {
  const { sink, embeddings, close } = await filledStore(directory);
  const retriever = new SegmentRetriever({ sink, embeddings, k: 3 });
  const prompt = ChatPromptTemplate.fromTemplate(
    "Answer from the passages alone and cite them by number.\n\n{context}\n\nQuestion: {question}",
  );
  const chain = RunnableSequence.from([
    { context: retriever.pipe(formatContext), question: new RunnablePassthrough() },
    prompt,
    chatModel(),
    new StringOutputParser(),
  ]);
  console.log(await chain.invoke("What coupon does the green bond carry?"));
  await close();
});
