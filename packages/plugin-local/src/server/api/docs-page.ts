import {PATHS} from '@parix/kit/contract'
import {html} from 'hono/html'
import {type Markup, renderPage} from '../pages/layout.js'
import {type SchemaNode, schemaShape} from './docs-shape.js'
import {PROBLEM_KINDS, PROBLEM_TYPE_BASE} from './fault.js'
import {FAULTS_PATH} from './fault-injection.js'
import type {ApiDocument} from './openapi.js'

export const DOCS_PATH = '/docs'

/** As much of an OpenAPI operation as our own document has. */
interface OperationNode {
  operationId?: string
  tags?: string[]
  summary?: string
  description?: string
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

/** The OpenAPI document for people: one page, no scripts, nothing from elsewhere. */
export function docsPage(document: ApiDocument, baseUrl: string): Promise<Response> {
  const entries = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, OperationNode>).map(([method, operation]) => ({method, path, operation})),
  )
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, SchemaNode>)
  const tags = (document.tags ?? []).map(({name, description}) => ({
    name,
    description,
    entries: entries.filter(({operation}) => operation.tags?.includes(name)),
  }))
  return renderPage({
    title: 'API',
    wide: true,
    body: html`<h1>The Parix API</h1>
<p>${document.info.description}</p>
<p>All paths are under <code>${baseUrl}${PATHS.api}</code>. The same for machines:
<a href="${PATHS.api}/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<pre>curl ${baseUrl}${PATHS.api}/databases -H "x-api-key: $PARIX_API_KEY"</pre>
<p class="soft">A credential is an access token (<code>parix auth login</code>) or an <a href="${PATHS.apiKeys}">API key</a>, as
<code>authorization: Bearer …</code>; a key also as <code>x-api-key: …</code>.</p>
<nav>${tags.map(
      (tag) =>
        html`<h2>${tag.name}</h2><p class="soft">${words(tag.description ?? '')}</p><ul>${tag.entries.map(
          (entry) => html`<li><a href="#${anchor(entry)}">${entry.operation.summary}</a></li>`,
        )}</ul>`,
    )}<h2><a href="#problems">Problems</a> · <a href="#schemas">Schemas</a></h2></nav>
${tags.map((tag) => tag.entries.map((entry) => operationSection(entry, baseUrl)))}
${problemSection()}
<section id="schemas"><h2>Schemas</h2>
${schemas.map(
  ([name, schema]) => html`<h3 id="schema-${name}">${name}</h3>
${schema.description && html`<p class="soft">${words(schema.description)}</p>`}<pre>${schemaShape(schema)}</pre>`,
)}</section>`,
  })
}

function anchor({method, path, operation}: Entry): string {
  return operation.operationId ?? `${method}-${path.replace(/\W+/g, '-')}`
}

function operationSection(entry: Entry, baseUrl: string): Markup {
  const {operation, method, path} = entry
  const {summary, description, externalDocs, parameters = [], requestBody, responses} = operation
  const [body] = Object.values(requestBody?.content ?? {})
  const query = parameters.filter((parameter) => parameter.in === 'query')
  return html`<section id="${anchor(entry)}"><h2>${summary}</h2>
<p class="code route">${method.toUpperCase()} ${path}</p>
${description && html`<p>${words(description)}</p>`}
${externalDocs && html`<p><a href="${externalDocs.url}">${externalDocs.description}</a></p>`}
${query.length > 0 && html`<h3>Query</h3><pre>${query.map(queryLine)}</pre>`}
${body?.schema && html`<h3>Body</h3><pre>${schemaShape(body.schema)}</pre>`}
${body?.example !== undefined && html`<h3>Example</h3><pre>${example(entry, body.example, baseUrl)}</pre>`}
<h3>Answers</h3>
<div class="table"><table>${Object.entries(responses).map(
    ([status, answer]) => html`<tr><td><code>${status}</code></td><td>${words(answer.description)}</td></tr>`,
  )}</table></div>
${Object.entries(responses)
  .filter(([status]) => status.startsWith('2'))
  .slice(0, 1)
  .map(([, answer]) => {
    const schema = answer.content?.['application/json']?.schema
    return schema && html`<pre>${schemaShape(schema)}</pre>`
  })}</section>`
}

function queryLine({name, description, schema = {}}: NonNullable<OperationNode['parameters']>[number]): Markup {
  return html`${name}?: ${schemaShape(schema)}<span class="soft">  // ${description}</span>\n`
}

function example({method, path}: Entry, body: unknown, baseUrl: string): string {
  const url = `${baseUrl}${PATHS.api}${path.replace('{id}', '$DATABASE')}`
  const headers = `-H "x-api-key: $PARIX_API_KEY" -H "content-type: application/json"`
  return `curl -X ${method.toUpperCase()} "${url}" \\\n  ${headers} \\\n  -d '${JSON.stringify(body)}'`
}

function problemSection(): Markup {
  return html`<section id="problems"><h2>Problems</h2>
<p>What goes wrong is answered as problem details (RFC 9457, <code>application/problem+json</code>). <code>type</code> is
<code>${PROBLEM_TYPE_BASE}</code> and one of these:</p>
<div class="table"><table>${Object.entries(PROBLEM_KINDS).map(
    ([kind, text]) => html`<tr><td><code>${kind}</code></td><td>${words(text)}</td></tr>`,
  )}</table></div>
<p class="soft">To see what a client makes of them: <code>POST ${FAULTS_PATH}</code> with
<code>{"failNext":[{"status":503,"times":2}]}</code>; see <code>parix local start --help</code>.</p></section>`
}

/** Text with `code` in it. */
function words(text: string): Markup[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}
