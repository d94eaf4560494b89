import {
  encodeRequest,
  H1RequestError,
  type RequestHead,
} from "../../../../net/http/h1/mod.ts";
import { text } from "./_bytes.ts";

export const HOST: Readonly<Record<string, string>> = { Host: "example.com" };
export const GET: RequestHead = { method: "GET", target: "/", fields: HOST };

/** The code of the error, or what was made. */
export function outcome(head: Partial<RequestHead>): string {
  try {
    return text(encodeRequest({ ...GET, ...head }));
  } catch (error) {
    if (!(error instanceof H1RequestError)) throw error;
    return error.code;
  }
}
