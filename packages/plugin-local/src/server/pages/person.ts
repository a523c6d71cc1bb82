import {html} from 'hono/html'
import {findMembership} from '../identity/membership.js'
import {findPerson} from '../identity/people.js'
import type {Service} from '../service.js'
import type {Markup} from './layout.js'

/** Who is signed in, and for which organization; `switchTo` is where another account can be chosen. */
export function whoIsSignedIn(service: Service, userId: string, switchTo?: string): Markup {
  const person = findPerson(service.database, userId)
  const membership = findMembership(service.database, userId)
  return html`<div class="who"><span class="dot">${(person?.name || '?').slice(0, 1).toUpperCase()}</span>
<span><b>${person?.email}</b><span class="soft">${person?.name}${
    membership && html` · ${membership.memberRole} of ${membership.name}`
  }${switchTo && html`<br><a href="${switchTo}">Not you? Use another account</a>`}</span></span></div>`
}
