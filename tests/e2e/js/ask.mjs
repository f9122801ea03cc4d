// Invokes and streams the churn workflow with LangChain's own JavaScript client; prints one line of JSON.
import { RemoteRunnable } from "@langchain/core/runnables/remote";

const remote = new RemoteRunnable({ url: process.argv[2] });
const question = "Which enterprise customers in EMEA are at risk of churn this quarter?";
const config = { configurable: { thread_id: "from-javascript" } };

const report = await remote.invoke({ question }, config);
const chunks = [];
for await (const chunk of await remote.stream({ question }, config)) chunks.push(chunk);
console.log(
  JSON.stringify({
    thread: report.thread_id,
    accounts: report.accounts.length,
    stages: chunks.slice(0, -1).map((chunk) => chunk.stage),
    streamed: chunks.at(-1).accounts.length,
  }),
);
