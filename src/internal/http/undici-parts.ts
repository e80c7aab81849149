// What is used of undici, imported by name: a bundle of several files gives no names to what is imported later.
export { Agent, EnvHttpProxyAgent, request } from "undici";
