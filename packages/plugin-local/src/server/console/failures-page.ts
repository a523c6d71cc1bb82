import type {ConsoleTool} from '@parix/console'
import {html} from 'hono/html'
import type {FaultInjection} from '../api/fault-injection.js'
import {type FailRule, parseFailRule} from '../api/fault-rules.js'

type Pieces = typeof import('@parix/console')

/** Failures that are offered by a button; each is a rule as `--fail-next` takes it. */
const OFFERED = [
  ['503', 'The next request fails with 503'],
  ['429', 'The next request is told to slow down (429)'],
  ['drop-answer@create_transfers', 'The next transfers are created, and the response is lost'],
  ['drop-request@create_transfers', 'The next transfers are lost before they are created'],
  ['delay-3000', 'The next request takes 3 seconds longer'],
] as const

const RULES_MAX = 100

/** The switches that make the service misbehave on purpose, as buttons. */
export function failuresTool(
  faults: FaultInjection,
  {badge, name}: Pieces,
  organizationOf: (request: Request) => Promise<string | undefined>,
): ConsoleTool {
  return {
    slug: 'failures',
    label: 'Simulated failures',
    icon: 'failures',
    async show(request) {
      const {stub, billingBlocked, failNext} = faults.of(await organizationOf(request))
      const toggle = (field: string, on: boolean, title: string, text: string) =>
        html`<tr><td><strong>${title}</strong><div class="soft">${text}</div></td><td class="fit">${on ? badge('bad', 'on') : badge('plain', 'off')}</td><td class="r"><form method="post"><input type="hidden" name="${field}" value="${on ? 'off' : 'on'}"><button type="submit" aria-label="Turn ${on ? 'off' : 'on'}: ${title}">Turn ${on ? 'off' : 'on'}</button></form></td></tr>`
      return html`<div class="head"><div><h1>Simulated failures</h1><p class="lead">Make the service misbehave on purpose, to see what your program does. They affect your organization only, until the service ends.</p></div>
${(stub || billingBlocked || failNext.length > 0) && html`<form method="post"><input type="hidden" name="clear" value="all"><button type="submit">Turn all off</button></form>`}</div>
<section class="card"><header><h2>Switches</h2></header><table><tbody>${toggle('stub', stub, 'Stub', 'Operations are checked, and nothing is stored.')}${toggle('billing', billingBlocked, 'Billing', 'Databases are not created: pay first.')}</tbody></table></section>
<section class="card"><header><h2>Next requests</h2><p>${failNext.length === 0 ? 'none is going to fail' : ''}</p></header><table><tbody>${failNext.map(
        (rule) =>
          html`<tr><td>${name(ruleText(rule))}</td><td class="r">${badge('hold', rule.times === 1 ? 'once' : `${rule.times} times`)}</td></tr>`,
      )}${OFFERED.map(
        ([rule, text]) =>
          html`<tr><td>${text} <code>${rule}</code></td><td class="r"><form method="post"><input type="hidden" name="rule" value="${rule}"><button type="submit" aria-label="Add: ${text}">Add</button></form></td></tr>`,
      )}</tbody></table>
<footer><form method="post" class="filters"><label>Another rule<input name="rule" placeholder="503*2@POST:/databases" required maxlength="200" autocomplete="off" spellcheck="false"></label><button type="submit">Add</button></form></footer></section>`
    },
    async submit(request, form) {
      const organizationId = await organizationOf(request)
      if (organizationId === undefined) return
      if (form.get('clear') === 'all') faults.clear(organizationId)
      if (form.has('stub')) faults.set(organizationId, {stub: form.get('stub') === 'on'})
      if (form.has('billing')) faults.set(organizationId, {billingBlocked: form.get('billing') === 'on'})
      const rule = parseFailRule(form.get('rule') ?? '')
      const {failNext} = faults.of(organizationId)
      if (rule && failNext.length < RULES_MAX) faults.set(organizationId, {failNext: [...failNext, rule]})
    },
  }
}

function ruleText({method, path, delayMs, status, drop}: FailRule): string {
  const what = [
    delayMs !== undefined && `takes ${delayMs} ms longer`,
    status !== undefined && `fails with ${status}`,
    drop === 'request' && 'is lost before anything is done',
    drop === 'answer' && 'is done, and its response is lost',
  ].filter(Boolean)
  const which = [method, path && `with ${path} in its path`].filter(Boolean).join(' ')
  return `${which === '' ? 'A request' : `A request ${which}`} ${what.join(', ')}`
}
