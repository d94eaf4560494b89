// @ts-types="./types.d.ts"
export * from "./used.js";
