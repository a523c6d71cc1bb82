import {Hono} from 'hono'
import {html} from 'hono/html'
import {CLIENT_NAME} from '../identity/seed.js'
import type {Service} from '../service.js'
import type {Database} from '../store/database.js'
import {allowedScopes, DECISION, scopeChoice, splitScopes, whoIsSignedIn} from './consent.js'
import {errorPage, renderPage} from './layout.js'
import {askToSignIn, callProvider, readForm, signedInUser} from './provider-call.js'

/**
 * Signs in a program on another machine (RFC 8628 §3.3). The danger is a code that somebody else sent (threat 9.6), so the
 * page shows the code, the program and what it may do, and asks to compare before anything is allowed.
 */
export function deviceRoutes(service: Service): Hono {
  const routes = new Hono()
  const guesses = createGuessLimit()
  routes.get('/device', async (c) => {
    const given = c.req.query('user_code') ?? ''
    const next = given ? `/device?${new URLSearchParams({user_code: given})}` : '/device'
    return (await signedInUser(service, c.req.raw)) ? askForCode(given) : askToSignIn(next)
  })
  routes.post('/device', async (c) => {
    const userId = await signedInUser(service, c.req.raw)
    if (!userId) return askToSignIn('/device')
    if (guesses.tooMany(userId))
      return errorPage(429, 'Too many wrong codes. Wait some minutes, or start again in the terminal.')
    const code = (await readForm(c.req.raw)).get('user_code') ?? ''
    const request = claimDeviceRequest(service.database, code, userId, new Date())
    if (request) return askToAllow(service, userId, request)
    guesses.note(userId)
    return askForCode(code, 'There is no such code, or it is too old. Look at the terminal again.')
  })
  routes.post('/device/decide', async (c) => decide(service, c.req.raw, await readForm(c.req.raw)))
  return routes
}

function askForCode(given: string, complaint?: string): Promise<Response> {
  return renderPage({
    title: 'Enter the code',
    status: complaint ? 400 : 200,
    body: html`<h1>Enter the code from your terminal</h1>
<p class="soft">The program that you sign in shows it: eight letters and digits.</p>
${complaint && html`<p role="alert"><strong>${complaint}</strong></p>`}
<form method="post" action="/device">
<label for="user_code">Code</label>
<input type="text" class="big" id="user_code" name="user_code" required maxlength="${USER_CODE_LETTERS_MAX}" value="${given.slice(0, USER_CODE_LETTERS_MAX)}" autocomplete="off" autocapitalize="characters" spellcheck="false">
<button type="submit" class="main">Continue</button>
</form>`,
  })
}

function askToAllow(service: Service, userId: string, request: DeviceRequest): Promise<Response> {
  return renderPage({
    title: `Allow ${CLIENT_NAME}?`,
    body: html`<h1>Allow ${CLIENT_NAME} on another device to act for you?</h1>
<p>Compare: does your terminal show this code?</p>
<p class="code">${request.userCode}</p>
${whoIsSignedIn(service, userId)}
<form method="post" action="/device/decide">
<input type="hidden" name="user_code" value="${request.userCode}">
${scopeChoice(splitScopes(request.scope))}
${DECISION}
</form>
<p class="soft">If somebody sent you this code or a link with it, press Deny: they would be signed in as you.</p>`,
  })
}

async function decide(service: Service, request: Request, form: URLSearchParams): Promise<Response> {
  const decision = form.get('decision')
  const userCode = form.get('user_code') ?? ''
  if (decision !== 'allow' && decision !== 'deny') return errorPage(400, 'There is nothing to allow or deny.')
  const userId = await signedInUser(service, request)
  if (!userId) return askToSignIn('/device')
  const isAllowed = decision === 'allow'
  if (isAllowed) {
    narrowDeviceRequest(service.database, userCode, userId, (scope) =>
      allowedScopes(splitScopes(scope), form).join(' '),
    )
  }
  const response = await callProvider(service, request, isAllowed ? '/device/approve' : '/device/deny', {userCode})
  if (!response.ok) return errorPage(400, 'That code was decided on already, or is too old.')
  return renderPage({
    title: isAllowed ? 'Allowed' : 'Denied',
    body: isAllowed
      ? html`<h1>Done</h1><p>Go back to the terminal: it is signed in within a few seconds. You can close this window.</p>`
      : html`<h1>Denied</h1><p>Nothing was allowed. You can close this window.</p>`,
  })
}

const GUESSES_MAX = 10
const GUESSES_WINDOW_MS = 10 * 60_000

/** Threat 9.7: 31^8 codes, and ten wrong ones in ten minutes per person, so that nobody locks out others. */
function createGuessLimit() {
  const wrong = new Map<string, number[]>()
  const recent = (userId: string) => (wrong.get(userId) ?? []).filter((at) => at > Date.now() - GUESSES_WINDOW_MS)
  return {
    tooMany: (userId: string) => recent(userId).length >= GUESSES_MAX,
    note: (userId: string) => void wrong.set(userId, [...recent(userId), Date.now()]),
  }
}

/** As typed: eight characters, with room for spaces and dashes. */
const USER_CODE_LETTERS_MAX = 16

/** What a device asks for, by the code that its user reads from its screen. */
interface DeviceRequest {
  userCode: string
  scope: string
}

/**
 * Finds the request that waits under `typed` and ties it to this person: whoever looked at it first is the only one who
 * can allow it. Better Auth checks that tie when the person decides.
 *
 * @returns undefined when there is none, it is too old, was decided, or is somebody else's
 */
function claimDeviceRequest(database: Database, typed: string, userId: string, now: Date): DeviceRequest | undefined {
  const userCode = typed.replace(/[^a-zA-Z0-9]/g, '').toUpperCase()
  const claim = database.prepare(
    `UPDATE "deviceCode" SET "userId" = ? WHERE "userCode" = ? AND status = 'pending' AND "expiresAt" > ?
     AND ("userId" IS NULL OR "userId" = ?)`,
  )
  if (claim.run(userId, userCode, now.toISOString(), userId).changes === 0) return undefined
  const row = database.prepare('SELECT "userCode", scope FROM "deviceCode" WHERE "userCode" = ?').get(userCode)
  const {scope} = row as {scope: string | null}
  return {userCode, scope: scope ?? ''}
}

/** Replaces the scopes of a request that this person has claimed and not decided on yet. */
function narrowDeviceRequest(
  database: Database,
  userCode: string,
  userId: string,
  narrow: (scope: string) => string,
): void {
  const claimed = `"userCode" = ? AND "userId" = ? AND status = 'pending'`
  const row = database.prepare(`SELECT scope FROM "deviceCode" WHERE ${claimed}`).get(userCode, userId)
  if (!row) return
  const scope = narrow((row as {scope: string | null}).scope ?? '')
  database.prepare(`UPDATE "deviceCode" SET scope = ? WHERE ${claimed}`).run(scope, userCode, userId)
}
