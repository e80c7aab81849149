// Give an agent the collection as a tool; the citations come back as the tool message's artifact.
import { createAgent, ToolMessage } from "langchain";
import { createSearchTool, SegmentRetriever } from "unsiloed-ingest/retrieval";
import { filledStore, toolCallingModel, withDirectory } from "./support/offline.js";

await withDirectory(async (directory) => {
  const { sink, embeddings, close } = await filledStore(directory);
  const search = createSearchTool(new SegmentRetriever({ sink, embeddings, k: 2 }));
  const question = "Who became chief financial officer in September?";
  const agent = createAgent({ model: toolCallingModel(search.name, question), tools: [search] });

  const { messages } = await agent.invoke({ messages: [{ role: "user", content: question }] });
  console.log(messages.at(-1)?.text);
  for (const message of messages) if (ToolMessage.isInstance(message)) console.log(message.artifact);
  await close();
});
