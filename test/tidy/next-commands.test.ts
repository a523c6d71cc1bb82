import {expect} from 'chai'
import ts from 'typescript'
import {allCommands} from './built.js'
import {sources} from './sources.js'

/** Where commands become text. */
const MAKES_COMMANDS = 'packages/kit/src/next-command.ts'
/** It may not import what makes commands: a command without anything that varies is a plain `next`, which the kit completes. */
const PURE = /^packages\/books\//
/** Texts that are written for help, a page or a shell: nothing in them depends on what was typed. */
const WRITTEN_FOR_READERS =
  /^(src\/help\/|src\/completion\/scripts\.ts|packages\/plugin-local\/src\/server\/|packages\/console\/)/
const HELP_PROPERTIES = ['examples', 'description', 'summary', 'usage', 'helpValue', 'title']

const TOPICS = [...new Set(allCommands().map(({id}) => id.split(':')[0]!))].join('|')
/** A command by itself, or after a colon, where somebody copies it from. */
const COPIED = new RegExp(`(^|: |\\n *)parix (${TOPICS})\\b`)
/** The same everywhere, or to be filled in by the reader: nobody copies them to another service. */
const ALIKE_EVERYWHERE =
  /: parix (tb (id|explain|outbox (list|show|forget))|plugins|completion|help|local)\b|\b[A-Z]{2,}$/
const COMMAND = new RegExp(`\\bparix (${TOPICS})\\b`)

/** Whatever the rule finds has one of these in it; of what has none, the compiler need not make a tree. */
const HINTS = new RegExp(`${COMMAND.source}|(['"\`])parix\\2|\\bbin\\s*\\}`)

/** Commands in `text` of a file that were put together by hand, as `line: text`. */
function handMade(path: string, text: string): string[] {
  if (!HINTS.test(text)) return []
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const report = (node: ts.Node) => {
    const {line} = file.getLineAndCharacterOfPosition(node.getStart())
    found.push(`${path}:${line + 1}: ${node.getText().slice(0, 100)}`)
  }
  const visit = (node: ts.Node): void => {
    if (isHelp(node)) return
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      if (beginsWords(node) || (COPIED.test(node.text) && !ALIKE_EVERYWHERE.test(node.text))) report(node)
    }
    if (ts.isTemplateExpression(node) && isCommand(node)) report(node)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function isHelp(node: ts.Node): boolean {
  if (!ts.isPropertyAssignment(node) && !ts.isPropertyDeclaration(node)) return false
  return HELP_PROPERTIES.includes(node.name.getText().replace(/['"]/g, ''))
}

/** `['parix', 'tb', id]` */
function beginsWords(node: ts.StringLiteral | ts.NoSubstitutionTemplateLiteral): boolean {
  if (node.text !== 'parix' || !ts.isArrayLiteralExpression(node.parent)) return false
  const second = node.parent.elements[1]
  return second !== undefined && (ts.isStringLiteral(second) || ts.isSpreadElement(second))
}

/** What varies in it is not quoted, and the service is not named. */
function isCommand(node: ts.TemplateExpression): boolean {
  const parts = [node.head.text, ...node.templateSpans.map(({literal}) => literal.text)]
  const named = parts.some((part, index) => COPIED.test(part) || (COMMAND.test(part) && index < parts.length - 1))
  const byBin = node.templateSpans.some(
    ({expression, literal}) => /(^|\.)bin$/.test(expression.getText()) && /^ [a-z$]|^ $/.test(literal.text),
  )
  return named || byBin
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: sources as text
describe('commands that are printed', () => {
  it('are made by one module, which quotes and names the service: none is put together by hand', () => {
    const found = sources()
      .filter(({path}) => path !== MAKES_COMMANDS && !PURE.test(path) && !WRITTEN_FOR_READERS.test(path))
      .flatMap(({path, text}) => handMade(path, text))
    expect(found).to.deep.equal([])
  })

  it('are recognised by the rule, however they are put together', () => {
    for (const code of [
      "const next = 'parix auth login'",
      'const next = `parix tb balance ${name}`',
      'say(`Look at it: parix tb balance ${name}`)',
      "say('Look at it: parix tb pending')",
      'say(`(parix chart apply ${name})`)',
      "commandLine(['parix', 'tb', id])",
      'const next = `${bin} plugins uninstall ${name}`',
      'say(`Next:\\n  ${this.config.bin} plugins link .`)',
    ]) {
      expect(handMade('x.ts', code), code).to.have.length(1)
    }
    for (const code of [
      "const flags = {examples: ['parix auth login']}",
      "say('The default is chosen by parix database use.')",
      "class X { static description = 'See: parix tb id' }",
      "nextCommand('auth login')",
    ]) {
      expect(handMade('x.ts', code), code).to.deep.equal([])
    }
  })
})
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: sources as text
