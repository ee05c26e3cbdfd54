// Runs a Node.js handler once, as Lambda's runtime does. It is a program of its own.
// Arguments: the folder of the code, the handler, the event's file, a file for the error, the request id, the deadline.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const FAILED = 70;
const [root, handlerName, eventFile, errorFile, requestId, deadline] = process.argv.splice(2);

function frames(error) {
  return String(error?.stack ?? "").split("\n").filter((line) => !line.includes("_bootstrap.mjs"));
}

function fail(error, kind) {
  const errorType = kind ?? error?.name ?? typeof error;
  const errorMessage = String(error?.message ?? error);
  const text = JSON.stringify({ errorType, errorMessage, stack: frames(error) });
  fs.writeSync(1, `${new Date().toISOString()}\t${requestId}\tERROR\tInvoke Error \t${text}\n`);
  fs.writeFileSync(errorFile, JSON.stringify({ errorType, errorMessage }));
  process.exit(FAILED);
}

for (const [name, level] of [["log", "INFO"], ["info", "INFO"], ["warn", "WARN"], ["error", "ERROR"], ["debug", "DEBUG"]]) {
  const { format } = await import("node:util");
  console[name] = (...all) => fs.writeSync(1, `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...all)}\n`);
}

async function find() {
  const base = path.basename(handlerName);
  const dot = base.indexOf(".");
  if (dot < 1) throw Object.assign(new Error(`Bad handler '${handlerName}'`), { kind: "Runtime.MalformedHandlerName" });
  const file = path.join(root, path.dirname(handlerName), base.slice(0, dot));
  const found = ["", ".js", ".mjs", ".cjs"].map((end) => file + end).find((one) => fs.existsSync(one) && fs.statSync(one).isFile());
  if (!found) throw Object.assign(new Error(`Cannot find module '${file}'`), { kind: "Runtime.ImportModuleError" });
  let module;
  try {
    module = await import(pathToFileURL(found).href);
  } catch (error) {
    throw Object.assign(error, { kind: error instanceof SyntaxError ? "Runtime.UserCodeSyntaxError" : "Runtime.ImportModuleError" });
  }
  const names = base.slice(dot + 1).split(".");
  const pick = (from) => names.reduce((inside, name) => inside?.[name], from);
  const handler = pick(module) ?? pick(module.default);
  if (typeof handler !== "function") {
    throw Object.assign(new Error(`${handlerName} is undefined or not exported`), { kind: "Runtime.HandlerNotFound" });
  }
  return handler;
}

const event = JSON.parse(fs.readFileSync(eventFile, "utf8"));
fs.rmSync(eventFile);
process.chdir(root);
process.on("uncaughtException", (error) => fail(error));
process.on("unhandledRejection", (error) => fail(error, "Runtime.UnhandledPromiseRejection"));

const context = {
  awsRequestId: requestId,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  invokedFunctionArn: process.env.GREENROOM_FUNCTION_ARN,
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => Math.max(0, Math.round(Number(deadline) * 1000 - Date.now())),
  done: (error, result) => callback(error, result),
  succeed: (result) => callback(null, result),
  fail: (error) => callback(error ?? new Error("failed")),
};

function callback(error) {
  if (error) fail(error);
  if (!context.callbackWaitsForEmptyEventLoop) process.exit(0);
}

try {
  const handler = await find();
  const result = handler(event, context, callback);
  if (typeof result?.then === "function") {
    await result;
    process.exit(0); // Lambda freezes what still runs
  }
} catch (error) {
  fail(error, error?.kind);
}
