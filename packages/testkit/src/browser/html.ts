import {type DefaultTreeAdapterMap, parse} from 'parse5'

type Node = DefaultTreeAdapterMap['node']
type Element = DefaultTreeAdapterMap['element']

/** What a person without scripts can do on a page. */
export interface Document {
  title: string
  /** All that can be read, on one line. */
  text: string
  forms: Form[]
  links: {label: string; href: string}[]
}

export interface Form {
  method: 'GET' | 'POST'
  action: string
  /** What is sent whichever button is pressed, as the page came. */
  fields: [name: string, value: string][]
  /** Names of the checkboxes, so that a test can take their ticks away. */
  checkboxes: {name: string; value: string; checked: boolean}[]
  buttons: {label: string; name?: string; value: string}[]
}

/** Reads `html` as a browser does (the parser follows the HTML standard). */
export function readDocument(html: string): Document {
  const root = parse(html)
  const title = all(root, 'title')[0]
  return {
    title: title ? textOf(title) : '',
    text: textOf(all(root, 'body')[0] ?? root),
    forms: all(root, 'form').map((form) => readForm(form, root)),
    links: all(root, 'a').map((link) => ({label: textOf(link), href: attribute(link, 'href') ?? ''})),
  }
}

function readForm(form: Element, root: Node): Form {
  const fields: [string, string][] = []
  const checkboxes: Form['checkboxes'] = []
  for (const input of all(form, 'input')) {
    const name = attribute(input, 'name')
    if (!name || has(input, 'disabled')) continue
    const type = attribute(input, 'type') ?? 'text'
    if (type !== 'checkbox') fields.push([name, attribute(input, 'value') ?? ''])
    else checkboxes.push({name, value: attribute(input, 'value') ?? 'on', checked: has(input, 'checked')})
  }
  for (const select of all(form, 'select')) {
    const options = all(select, 'option')
    const chosen = options.find((option) => has(option, 'selected')) ?? options[0]
    const name = attribute(select, 'name')
    if (name && chosen) fields.push([name, attribute(chosen, 'value') ?? textOf(chosen)])
  }
  return {
    method: attribute(form, 'method')?.toLowerCase() === 'post' ? 'POST' : 'GET',
    action: attribute(form, 'action') ?? '',
    fields,
    checkboxes,
    buttons: buttonsOf(form, root).map(readButton),
  }
}

/** Those inside, and those elsewhere that name it (HTML standard, 'form owner'). */
function buttonsOf(form: Element, root: Node): Element[] {
  const id = attribute(form, 'id')
  const named = all(root, 'button').filter((button) => id !== undefined && attribute(button, 'form') === id)
  return [...new Set([...all(form, 'button'), ...named])]
}

function readButton(button: Element): Form['buttons'][number] {
  const name = attribute(button, 'name')
  return {label: textOf(button), ...(name !== undefined && {name}), value: attribute(button, 'value') ?? ''}
}

function all(node: Node, tag: string): Element[] {
  const children = 'childNodes' in node ? node.childNodes : []
  const here = 'tagName' in node && node.tagName === tag ? [node] : []
  return [...here, ...children.flatMap((child) => all(child, tag))]
}

function textOf(node: Node): string {
  const collect = (part: Node): string => {
    if ('value' in part) return part.value
    if ('tagName' in part && (part.tagName === 'style' || part.tagName === 'script')) return ''
    return 'childNodes' in part ? part.childNodes.map(collect).join(' ') : ''
  }
  return collect(node).replace(/\s+/g, ' ').trim()
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name)?.value
}

function has(element: Element, name: string): boolean {
  return attribute(element, name) !== undefined
}
