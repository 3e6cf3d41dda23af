/**
 * The types of the entry points, as the compiler sees them: which uses do not compile, and where `any` leaks out.
 *
 * The compiler is a process of its own that reads the sources through an overlay: a spec can loosen a type and see whether
 * the uses notice it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  API,
  type Checker,
  type Project,
  SignatureKind,
  SymbolFlags,
  type Type,
  TypeFlags,
  type TypeReference,
  type Symbol as TypeSymbol,
} from 'typescript/unstable/sync';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const config = `${root}spec/types/tsconfig.json`;

/** Compiles the uses, with some sources replaced: by their path below the root. */
export const compileUses = <T>(
  replaced: Readonly<Record<string, string>>,
  look: (project: Project) => T,
): T => {
  const api = new API({ cwd: root, fs: { readFile: (file) => replaced[file.slice(root.length)] } });
  try {
    const [project] = api.updateSnapshot({ openProjects: [config] }).getProjects();
    if (project === undefined) throw new Error(`no project ${config}`);
    return look(project);
  } finally {
    api.close();
  }
};

/** What does not compile in the uses, each with its line. */
export const failuresOf = ({ program }: Project): readonly string[] =>
  program
    .getSourceFileNames()
    .filter((file) => file.startsWith(`${root}spec/types/uses/`))
    .flatMap((file) => {
      const source = readFileSync(file, 'utf8');
      return program.getSemanticDiagnostics(file).map(({ pos, text }) => {
        const number = source.slice(0, pos).split('\n').length;
        const line = source.split('\n')[number - 1]?.trim();
        return `${file.slice(root.length)}:${number}: ${line}: ${text}`;
      });
    });

/** Every place in the types of the entry points where `any` is: `src/index.ts: run(options).env`. */
export const findAny = (project: Project, entries: readonly string[]): readonly string[] => {
  const search = new AnySearch(project.checker);
  for (const entry of entries) {
    for (const symbol of exportsOf(project, entry)) search.lookAt(symbol, `${entry}: ${symbol.name}`);
  }
  return search.found;
};

/** What an entry point exports. */
const exportsOf = ({ program, checker }: Project, entry: string): readonly TypeSymbol[] => {
  const file = program.getSourceFile(root + entry);
  const symbol = file && checker.getSymbolAtLocation(file);
  if (symbol === undefined) return [];
  return checker
    .getExportsOfModule(symbol)
    .map((each) => (each.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each));
};

class AnySearch {
  readonly found: string[] = [];
  readonly #checker: Checker;
  readonly #seen = new Set<number>();

  constructor(checker: Checker) {
    this.#checker = checker;
  }

  lookAt(symbol: TypeSymbol, path: string): void {
    if (symbol.flags & SymbolFlags.Value) this.#in(this.#checker.getTypeOfSymbol(symbol), path);
    if (symbol.flags & SymbolFlags.Type) this.#in(this.#checker.getDeclaredTypeOfSymbol(symbol), path);
  }

  #in(type: Type | undefined, path: string): void {
    if (type === undefined || this.#seen.has(type.id)) return;
    if (type.flags & TypeFlags.Any) {
      this.found.push(path);
      return;
    }
    this.#seen.add(type.id);
    if (type.isUnionType() || type.isIntersectionType()) {
      for (const part of type.getTypes() ?? []) this.#in(part, path);
    } else if (type.isTypeParameter()) {
      this.#in(this.#checker.getConstraintOfTypeParameter(type), `${path} extends`);
    } else if (type.isObjectType()) {
      for (const argument of this.#argumentsOf(type)) this.#in(argument, `${path}<>`);
      // What others have declared is theirs; what fills their types is ours.
      if (!isForeign(type.getSymbol())) this.#inMembers(type, path);
    }
  }

  #argumentsOf(type: Type): readonly Type[] {
    if (!type.isTypeReference()) return [];
    const given = this.#checker.getTypeArguments(type as TypeReference);
    // The language fills in `any` for what an iterator returns, and is sent.
    return /Itera(ble|tor)$/.test(type.getSymbol()?.name ?? '') ? given.slice(0, 1) : given;
  }

  #inMembers(type: Type, path: string): void {
    for (const kind of [SignatureKind.Call, SignatureKind.Construct]) {
      for (const signature of this.#checker.getSignaturesOfType(type, kind)) {
        for (const parameter of signature.getParameters())
          this.#in(this.#checker.getTypeOfSymbol(parameter), `${path}(${parameter.name})`);
        this.#in(this.#checker.getReturnTypeOfSignature(signature), `${path}()`);
      }
    }
    for (const { valueType } of this.#checker.getIndexInfosOfType(type)) this.#in(valueType, `${path}[]`);
    for (const property of this.#checker.getPropertiesOfType(type)) {
      // Private fields are nothing to users, and the prototype of a generic class is filled with `any` by the compiler.
      if (isForeign(property) || property.name.startsWith('__#') || property.name === 'prototype') continue;
      this.#in(this.#checker.getTypeOfSymbol(property), `${path}.${property.name}`);
    }
  }
}

const isForeign = (symbol: TypeSymbol | undefined): boolean =>
  symbol !== undefined &&
  symbol.declarations.length > 0 &&
  symbol.declarations.every(({ path }) => !path.startsWith(`${root}src/`));
