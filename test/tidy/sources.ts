import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join, relative, resolve} from 'node:path'
import type ts from 'typescript'
import {ROOT, workspaces} from '../../scripts/build/workspaces.js'

/** A source file and what it imports. Paths are relative to the repository, with forward slashes. */
export interface Source {
  path: string
  /** `src` for the CLI itself, else the workspace's directory name, such as `kit`. */
  workspace: string
  text: string
  /** Found when they are asked for: the compiler takes as long for it as all tests of texts together. */
  readonly imports: Import[]
}

export interface Import {
  specifier: string
  /** The file it means, when it is relative. */
  file?: string
  /** `import type`, which leaves nothing in the built code. */
  typeOnly: boolean
  /** `import()`. */
  lazy: boolean
}

/** Every TypeScript file of every src/. */
export function sources(): Source[] {
  return workspaces().flatMap(({directory}) => {
    const workspace = directory === ROOT ? 'src' : relative(join(ROOT, 'packages'), directory)
    return files(join(directory, 'src')).map((path) => readSource(path, workspace))
  })
}

/** Every test, script and benchmark. */
export function otherFiles(): Source[] {
  const directories = workspaces().map(({directory}) => join(directory, 'test'))
  return [...directories, join(ROOT, 'scripts'), join(ROOT, 'bench')]
    .flatMap(files)
    .map((path) => readSource(path, 'test'))
}

function files(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory, {recursive: true, encoding: 'utf8'})
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .map((path) => join(directory, path))
}

function readSource(path: string, workspace: string): Source {
  const text = readFileSync(path, 'utf8')
  let imports: Import[] | undefined
  return {
    path: slashes(path),
    workspace,
    text,
    get imports() {
      imports ??= importsOf(path, text)
      return imports
    },
  }
}

function importsOf(path: string, text: string): Import[] {
  const ts = createRequire(import.meta.url)('typescript') as typeof import('typescript')
  const imports: Import[] = []
  const add = (node: ts.Node | undefined, typeOnly: boolean, lazy: boolean) => {
    if (node === undefined || !ts.isStringLiteral(node)) return
    const specifier = node.text
    const file = specifier.startsWith('.')
      ? slashes(resolve(dirname(path), specifier).replace(/\.js$/, '.ts'))
      : undefined
    imports.push({specifier, typeOnly, lazy, ...(file !== undefined && {file})})
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node, ts), false)
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true, false)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest))
  return imports
}

/** `import type {X}`, or `import {type X}` alone. */
function isTypeOnly({importClause}: ts.ImportDeclaration, {isNamedImports}: typeof ts): boolean {
  if (importClause === undefined) return false
  if (importClause.isTypeOnly) return true
  const {name, namedBindings} = importClause
  if (name !== undefined || namedBindings === undefined || !isNamedImports(namedBindings)) return false
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly)
}

function slashes(path: string): string {
  return relative(ROOT, path).replaceAll('\\', '/')
}
