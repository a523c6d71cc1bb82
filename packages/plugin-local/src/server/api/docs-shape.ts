import {html} from 'hono/html'
import type {Markup} from '../pages/layout.js'

/** As much of a JSON schema as our own document uses. */
export interface SchemaNode {
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
export function schemaShape(schema: SchemaNode, margin = ''): Markup {
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
    const note = schema.description && !schema.$ref ? html`<span class="soft">  // ${schema.description}</span>` : ''
    return html`${inner}${name}${required.includes(name) ? '' : '?'}: ${schemaShape(schema, inner)}${note}\n`
  })
  return html`{\n${lines}${margin}}`
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
