// What the documentation of every public name must say, read from `deno doc`.
import { assert, assertEquals } from "@std/assert";
import { CONFIG, deno, ROOT } from "./_deno.ts";

interface Doc {
  doc?: string;
  tags?: { kind: string }[];
}

interface Type {
  kind: string;
  value: { typeName?: string };
}

interface Method {
  name: string;
  kind: string;
  jsDoc?: Doc;
  accessibility?: "private" | "protected";
  functionDef?: { returnType?: Type };
  returnType?: Type;
}

interface Declaration {
  kind:
    | "class"
    | "interface"
    | "function"
    | "variable"
    | "typeAlias"
    | "reference";
  jsDoc?: Doc;
  location: { filename: string };
  def: {
    returnType?: Type;
    extends?: string;
    isAbstract?: boolean;
    constructors?: { accessibility?: string; jsDoc?: Doc }[];
    methods?: Method[];
  };
}

/** A public name; a function may have several declarations. */
interface Item {
  readonly where: string;
  readonly name: string;
  readonly declarations: Declaration[];
}

async function publicItems(): Promise<Item[]> {
  const entries = Object.values(CONFIG.exports);
  const { code, stdout, stderr } = await deno(["doc", "--json", ...entries]);
  assertEquals(code, 0, stderr);
  const { nodes } = JSON.parse(stdout) as {
    nodes: Record<string, { symbols: Omit<Item, "where">[] }>;
  };
  const items = new Map<string, Item>();
  for (const { symbols } of Object.values(nodes)) {
    for (const { name, declarations } of symbols) {
      if (declarations[0]!.kind === "reference") continue; // told elsewhere
      const { filename } = declarations[0]!.location;
      const where = `${filename.slice(filename.indexOf(ROOT) + ROOT.length)}: `;
      items.set(where + name, { where, name, declarations });
    }
  }
  return [...items.values()];
}

const ITEMS = await publicItems();

const NAMES = new Set(ITEMS.map(({ name }) => name));

/** What each class extends. */
const PARENTS = new Map(
  ITEMS.map(({ name, declarations: [first] }) => [name, first!.def.extends]),
);

function isA(name: string | undefined, ancestor: string): boolean {
  if (name === undefined) return false;
  return name === ancestor || isA(PARENTS.get(name), ancestor);
}

const isLazy = (name: string | undefined) =>
  isA(name, "Future") || isA(name, "Stream");

const isError = (name: string): boolean =>
  isA(name, "Error") || isA(name, "TypeError") || isA(name, "RangeError");

function saysCancelSafety(doc: Doc | undefined): boolean {
  return /^Cancel safety: \S/m.test(doc?.doc ?? "");
}

function has(tag: string, doc: Doc | undefined): boolean {
  return doc?.tags?.some(({ kind }) => kind === tag) ?? false;
}

/** What is made and given out: `Future`s, `Stream`s and classes of them. */
function* makers(): Generator<[where: string, gives: string, docs: Doc[]]> {
  for (const { where, name, declarations } of ITEMS) {
    const docs = declarations.map(({ jsDoc }) => jsDoc ?? {});
    const { kind, def } = declarations[0]!;
    const gives = def.returnType?.value?.typeName;
    if (kind === "function" && isLazy(gives)) {
      yield [where + name, gives!, docs];
    }
    for (const method of def.methods ?? []) {
      if (method.accessibility !== undefined || method.kind === "getter") {
        continue;
      }
      const type = method.functionDef?.returnType ?? method.returnType;
      const gives = type?.value?.typeName;
      if (!isLazy(gives)) continue;
      yield [`${where}${name}.${method.name}`, gives!, [method.jsDoc ?? {}]];
    }
  }
}

Deno.test("docs: what returns a future says what dropping it keeps or loses", () => {
  const makes = [...makers()];
  assert(makes.length > 120, `only ${makes.length} were looked at`);
  const silent = makes
    // A class of its own says it where the class is described: the next test.
    .filter(([, gives]) => gives === "Future" || gives === "Stream")
    .filter(([, , docs]) => !docs.some(saysCancelSafety))
    .map(([where]) => where);
  assertEquals(silent, []);
});

Deno.test("docs: each class of futures and streams says what dropping it keeps or loses", () => {
  const classes = ITEMS
    .filter(({ name }) => name !== "Future" && name !== "Stream")
    .filter(({ name }) => isLazy(name));
  assert(classes.length > 12, `only ${classes.length} were looked at`);
  const silent = classes
    .filter(({ declarations: [first] }) => !saysCancelSafety(first!.jsDoc))
    .map(({ where, name }) => where + name);
  assertEquals(silent, []);
});

Deno.test("docs: each function, and each class that users make, has an example", () => {
  const makeable = ITEMS.filter(({ name, declarations: [first] }) => {
    const { kind, def } = first!;
    if (kind === "function") return true;
    if (kind !== "class" || isError(name) || def.isAbstract) return false;
    // A class that the function of its name makes has its example there.
    if (NAMES.has(name[0]!.toLowerCase() + name.slice(1))) return false;
    return def.constructors?.every((each) => !each.accessibility) ?? false;
  });
  assert(makeable.length > 150, `only ${makeable.length} were looked at`);
  const bare = makeable
    .filter(({ declarations }) =>
      !declarations.some(({ jsDoc }) => has("example", jsDoc))
    )
    .map(({ where, name }) => where + name);
  assertEquals(bare, []);
});
