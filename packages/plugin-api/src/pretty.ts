import {type Paint, plain} from '@parix/kit/output'

/**
 * JSON text with line breaks and indents, and nothing else changed: every string and number stands as the service wrote
 * it. For JSON that was checked before.
 */
export function prettyJson(json: string, paint: Paint = plain): string {
  const tokens = tokensOf(json)
  const parts: string[] = []
  let depth = 0
  const newline = () => parts.push(`\n${'  '.repeat(depth)}`)
  tokens.forEach((token, index) => {
    const closes = tokens[index + 1] === '}' || tokens[index + 1] === ']'
    if (token === '{' || token === '[') {
      parts.push(token)
      depth++
      if (!closes) newline()
    } else if (token === '}' || token === ']') {
      depth--
      if (tokens[index - 1] !== '{' && tokens[index - 1] !== '[') newline()
      parts.push(token)
    } else if (token === ',') {
      parts.push(token)
      newline()
    } else if (token === ':') {
      parts.push(': ')
    } else {
      parts.push(paintToken(token, tokens[index + 1] === ':', paint))
    }
  })
  return parts.join('')
}

function paintToken(token: string, isKey: boolean, paint: Paint): string {
  if (isKey) return paint('cyan', token)
  if (token.startsWith('"')) return paint('green', token)
  return paint(token === 'null' ? 'dim' : 'yellow', token)
}

/** Strings, punctuation, and what stands between. No regular expression reads a string: one of megabytes overflows its stack. */
function tokensOf(json: string): string[] {
  const tokens: string[] = []
  const between = /[{}[\],:]|[^\s{}[\],:"]+|"/g
  for (let match = between.exec(json); match !== null; match = between.exec(json)) {
    if (match[0] !== '"') tokens.push(match[0])
    else {
      between.lastIndex = endOfString(json, match.index)
      tokens.push(json.slice(match.index, between.lastIndex))
    }
  }
  return tokens
}

/** The place after the closing quote. */
function endOfString(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (json[quote - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
  return json.length
}
