// Puts the sources and a manifest into a folder: `node scripts/bundle.js FOLDER`.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));

mkdirSync(folder, { recursive: true });
cpSync("src", join(folder, "src"), { recursive: true });
const modules = readdirSync("src").sort();
writeFileSync(join(folder, "manifest.json"), JSON.stringify({ name, version, modules }, null, 2) + "\n");
writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, type: "module" }, null, 2) + "\n");
console.log(`${name} ${version}: ${modules.length} modules`);
