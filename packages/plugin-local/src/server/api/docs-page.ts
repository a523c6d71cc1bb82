import {PATHS} from '@parix/kit/contract'
import {html} from 'hono/html'
import {type Markup, renderPage} from '../pages/layout.js'
import {FAULTS_PATH} from './fault-injection.js'
import {PROBLEM_KINDS, PROBLEM_TYPE_BASE} from './problem.js'
import type {ApiDocument} from './route.js'

export const DOCS_PATH = '/docs'

/** As much of an OpenAPI operation as our own document has. */
interface OperationNode {
  operationId: string
  tags?: string[]
  summary?: string
  description?: string
  security?: Record<string, unknown>[]
  externalDocs?: {url: string; description?: string}
  parameters?: {name: string; in: string; required?: boolean; description?: string; schema?: SchemaNode}[]
  requestBody?: {content: Record<string, {schema?: SchemaNode; example?: unknown}>}
  responses: Record<string, {description: string; content?: Record<string, {schema?: SchemaNode}>}>
}

interface Entry {
  method: string
  path: string
  operation: OperationNode
}

interface Tag {
  name: string
  description: string
  entries: Entry[]
}

/** The OpenAPI document for people: one page, no scripts, nothing from elsewhere. */
export function docsPage(document: ApiDocument, baseUrl: string): Promise<Response> {
  const entries = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, OperationNode>).map(([method, operation]) => ({method, path, operation})),
  )
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, SchemaNode>)
  const tags = (document.tags ?? []).map(({name, description = ''}) => ({
    name,
    description,
    entries: entries.filter(({operation}) => operation.tags?.includes(name)),
  }))
  return renderPage({
    title: 'API',
    layout: 'docs',
    body: html`<div class="docs-grid">
<nav class="toc side" aria-label="On this page">${contents(tags)}</nav>
<div>
<h1>The Parix API</h1>
<p>${document.info.description}</p>
<p>All paths are under <code>${baseUrl}${PATHS.api}</code>. For programs, the same as
<a href="${PATHS.api}/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<p class="soft">Authenticate with an access token (<code>parix auth login</code>) or an <a href="${PATHS.apiKeys}">API key</a>:
<code>authorization: Bearer …</code>, or <code>x-api-key: …</code> for a key. The samples read a key from
<code>PARIX_API_KEY</code> and the id of a database from <code>DATABASE</code>; <code>ACCESS_TOKEN</code> is what
<code>parix auth token</code> prints.</p>
<nav class="toc top" aria-label="On this page"><details><summary>On this page</summary>${contents(tags)}</details></nav>
${tags.map((tag) => tag.entries.map((entry) => operationSection(entry, baseUrl)))}
${problemSection()}
<section id="schemas"><h2>Schemas</h2>
${schemas.map(
  ([name, schema]) => html`<h3 id="schema-${name}">${name}</h3>
${schema.description && html`<p class="soft">${words(schema.description)}</p>`}<pre>${schemaShape(schema)}</pre>`,
)}</section>
</div></div>`,
  })
}

function contents(tags: Tag[]): Markup {
  return html`${tags.map(
    (tag) =>
      html`<b>${tag.name}</b><ul>${tag.entries.map(
        ({operation}) => html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`,
      )}</ul>`,
  )}<b>Reference</b><ul><li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li></ul>`
}

function operationSection(entry: Entry, baseUrl: string): Markup {
  const {operation, method, path} = entry
  const {operationId, summary, description, externalDocs, parameters = [], requestBody, responses} = operation
  const [body] = Object.values(requestBody?.content ?? {})
  const query = parameters.filter((parameter) => parameter.in === 'query')
  return html`<section id="${operationId}"><h2>${summary}</h2>
<p class="route">${method.toUpperCase()} ${path}</p>
${description && html`<p>${words(description)}</p>`}
${externalDocs && html`<p><a href="${externalDocs.url}">${externalDocs.description}</a></p>`}
${samples(entry, body?.example, baseUrl)}
${query.length > 0 && html`<h3>Query</h3><pre>${query.map(queryLine)}</pre>`}
${body?.schema && html`<h3>Body</h3><pre>${schemaShape(body.schema)}</pre>`}
<h3>Responses</h3>
<div class="table"><table>${Object.entries(responses).map(
    ([status, response]) => html`<tr><td><code>${status}</code></td><td>${words(response.description)}</td></tr>`,
  )}</table></div>
${Object.entries(responses)
  .filter(([status]) => status.startsWith('2'))
  .slice(0, 1)
  .map(([, response]) => {
    const schema = response.content?.['application/json']?.schema
    return schema && html`<pre>${schemaShape(schema)}</pre>`
  })}</section>`
}

function queryLine({name, description, schema = {}}: NonNullable<OperationNode['parameters']>[number]): Markup {
  return html`${description && comment(description, '')}${name}?: ${schemaShape(schema)}\n`
}

/** The same request by curl, by JavaScript and by the CLI. */
function samples({method, path, operation}: Entry, body: unknown, baseUrl: string): Markup {
  const verb = method.toUpperCase()
  const url = `${baseUrl}${PATHS.api}${path}`
  const json = body === undefined ? undefined : JSON.stringify(body)
  // A route that is for people who are signed in says so by a requirement of its own.
  const [header, value, variable] =
    operation.security === undefined ? ['x-api-key', '', 'PARIX_API_KEY'] : ['authorization', 'Bearer ', 'ACCESS_TOKEN']
  const credential = value === '' ? `process.env.${variable}` : `'${value}' + process.env.${variable}`
  const named = header === 'authorization' ? header : `'${header}'`
  const curl = [
    `curl${verb === 'GET' ? '' : ` -X ${verb}`} "${url.replace('{id}', '$DATABASE').replace('{keyId}', '$KEY_ID')}" \\`,
    `  -H "${header}: ${value}$${variable}"${json === undefined ? '' : ' \\'}`,
    ...(json === undefined ? [] : ['  -H "content-type: application/json" \\', `  -d '${json}'`]),
  ].join('\n')
  const javascript = [
    `const response = await fetch('${url.replace('{id}', "' + process.env.DATABASE + '").replace('{keyId}', "' + process.env.KEY_ID + '")}', {`,
    ...(verb === 'GET' ? [] : [`  method: '${verb}',`]),
    json === undefined
      ? `  headers: {${named}: ${credential}},`
      : `  headers: {${named}: ${credential}, 'content-type': 'application/json'},`,
    ...(json === undefined ? [] : [`  body: JSON.stringify(${json}),`]),
    '})',
    'if (!response.ok) throw new Error(await response.text())',
    'console.log(await response.json())',
  ].join('\n')
  const cli = CLI_SAMPLES[operation.operationId] ?? `parix api ${path.slice(1).replace('{id}', '$DATABASE')}`
  return html`<details class="sample" open><summary>curl</summary><pre>${curl}</pre></details>
<details class="sample"><summary>JavaScript</summary><pre>${javascript}</pre></details>
<details class="sample"><summary>CLI</summary><pre>${`export PARIX_BASE_URL=${baseUrl}\n${cli}`}</pre></details>`
}

/** The command for each operation, by its `operationId`. */
export const CLI_SAMPLES: Readonly<Record<string, string>> = {
  showSession: 'parix auth status',
  listApiKeys: 'parix auth api-key list',
  createApiKey: 'parix auth api-key create ci --expires 90d',
  revokeApiKey: 'parix auth api-key revoke "$KEY_ID"',
  showCatalog: 'parix database catalog',
  createDatabase: 'parix database create books --wait',
  listDatabases: 'parix database list',
  showDatabase: 'parix database info "$DATABASE"',
  removeDatabase: 'parix database remove "$DATABASE"',
  create_accounts: 'parix tb create-accounts "$DATABASE" --id 1 --ledger 700 --code 10',
  create_transfers: 'parix tb create-transfers "$DATABASE" --from 1 --to 2 --amount 100 --ledger 700 --code 1',
  lookup_accounts: 'parix tb lookup-accounts "$DATABASE" --id 1',
  lookup_transfers: 'parix tb lookup-transfers "$DATABASE" --id 1',
  get_account_transfers: 'parix tb get-account-transfers "$DATABASE" --account-id 1',
  get_account_balances: 'parix tb get-account-balances "$DATABASE" --account-id 1',
  query_accounts: 'parix tb query-accounts "$DATABASE" --ledger 700',
  query_transfers: 'parix tb query-transfers "$DATABASE" --ledger 700',
}

function problemSection(): Markup {
  return html`<section id="problems"><h2>Problems</h2>
<p>Errors are problem details (RFC 9457, <code>application/problem+json</code>). <code>type</code> is
<code>${PROBLEM_TYPE_BASE}</code> followed by one of these:</p>
<div class="table"><table>${Object.entries(PROBLEM_KINDS).map(
    ([kind, text]) => html`<tr><td><code>${kind}</code></td><td>${words(text)}</td></tr>`,
  )}</table></div>
<p class="soft">To test how a client handles them: <code>POST ${FAULTS_PATH}</code> with
<code>{"failNext":[{"status":503,"times":2}]}</code>; see <code>parix local start --help</code>.</p></section>`
}

/** Text with `code` in it. */
function words(text: string): Markup[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

/** As much of a JSON schema as our own document uses. */
interface SchemaNode {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  anyOf?: SchemaNode[]
  items?: SchemaNode
  properties?: Record<string, SchemaNode>
  required?: string[]
  additionalProperties?: boolean | SchemaNode
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  default?: unknown
  example?: unknown
}

const REF = '#/components/schemas/'

/** A schema as text that reads like a type: `{id: string, rows?: Row[]}`, on several lines, names linked to their schema. */
function schemaShape(schema: SchemaNode, margin = ''): Markup {
  if (schema.$ref !== undefined) return refLink(schema.$ref)
  if (schema.enum) return html`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`
  if (schema.anyOf)
    return html`${joined(
      schema.anyOf.map((each) => schemaShape(each, margin)),
      ' | ',
    )}`
  if (schema.items) return html`${schemaShape(schema.items, margin)}[]${limits(schema)}`
  if (schema.properties) return objectShape(schema, margin)
  if (typeof schema.additionalProperties === 'object') {
    return html`{[name]: ${schemaShape(schema.additionalProperties, margin)}}`
  }
  return html`${[schema.type ?? 'anything'].flat().join(' | ')}${limits(schema)}`
}

function objectShape({properties = {}, required = []}: SchemaNode, margin: string): Markup {
  const inner = `${margin}  `
  const lines = Object.entries(properties).map(([name, schema]) => {
    const note = schema.description && !schema.$ref ? comment(schema.description, inner) : ''
    return html`${note}${inner}${name}${required.includes(name) ? '' : '?'}: ${schemaShape(schema, inner)}\n`
  })
  return html`{\n${lines}${margin}}`
}

/** On a line of its own above what it explains, so that it can wrap. */
function comment(text: string, margin: string): Markup {
  return html`<span class="soft">${margin}// ${text}</span>\n`
}

function limits(schema: SchemaNode): string {
  const {minimum, maximum, minItems, maxItems, minLength, maxLength} = schema
  const from = minimum ?? minItems ?? minLength
  const to = maximum ?? maxItems ?? maxLength
  if (from === undefined && to === undefined) return ''
  const unit = minLength !== undefined || maxLength !== undefined ? ' characters' : ''
  const range = to === undefined ? `${from} or more` : `${from === undefined ? 'up to ' : `${from} to `}${to}`
  return ` (${range}${unit})`
}

function refLink(ref: string): Markup {
  const name = ref.startsWith(REF) ? ref.slice(REF.length) : ref
  return html`<a href="#schema-${name}">${name}</a>`
}

function joined(parts: Markup[], separator: string): Markup[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [html`${separator}`, part]))
}
