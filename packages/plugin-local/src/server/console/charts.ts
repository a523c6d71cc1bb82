import {existsSync, mkdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {z} from '@hono/zod-openapi'
import type {Chart, CompiledChart} from '@parix/console'
import {replaceFile} from '@parix/files/atomic-write'
import {isParixError} from '@parix/kit/errors'
import {Hono} from 'hono'
import {parseBody, readBody} from '../api/body.js'
import {invalid, notFound, notSignedIn, type RequestIdVariables, renderFault} from '../api/problem.js'
import {requireDatabaseOfKey, requireScope} from '../api/rights.js'
import {fieldErrorsOf} from '../api/schemas.js'
import type {Service} from '../service.js'
import {FILES, inDataDir} from '../store/data-directory.js'

/** Where the console gets the names and currencies of a database: a chart is sent here, and kept until another comes. */
export const CHARTS_PATH = '/local/charts'

const CHART_BYTES_MAX = 8 * 1024 * 1024

const ChartSchema = z.strictObject({
  text: z.string().min(1),
  names: z.record(z.string(), z.string()).default({}),
})

/** The charts of a service's databases, each read once. */
export interface Charts {
  /** Undefined where none was sent. */
  of(databaseId: string): Promise<Chart | undefined>
  keep(databaseId: string, compiled: CompiledChart): void
  forget(databaseId: string): void
}

export function openCharts(dataDir: string): Charts {
  const read = new Map<string, Chart>()
  return {
    async of(databaseId) {
      const known = read.get(databaseId)
      const path = pathOf(dataDir, databaseId)
      if (known || !existsSync(path)) return known
      const {chartOf} = await import('@parix/console')
      const chart = chartOf(JSON.parse(inDataDir(dataDir, () => readFileSync(path, 'utf8'))) as CompiledChart)
      read.set(databaseId, chart)
      return chart
    },
    keep(databaseId, compiled) {
      inDataDir(dataDir, () => {
        mkdirSync(join(dataDir, FILES.charts), {recursive: true, mode: 0o700})
        replaceFile(pathOf(dataDir, databaseId), JSON.stringify(compiled))
      })
      read.delete(databaseId)
    },
    forget(databaseId) {
      removeChart(dataDir, databaseId)
      read.delete(databaseId)
    },
  }
}

/** For a database that is removed. */
export function removeChart(dataDir: string, databaseId: string): void {
  inDataDir(dataDir, () => rmSync(pathOf(dataDir, databaseId), {force: true}))
}

/** @param databaseId one that exists: ids are made by this service, and are safe as names of files */
function pathOf(dataDir: string, databaseId: string): string {
  return join(dataDir, FILES.charts, `${databaseId}.json`)
}

/** `PUT /local/charts/ID`: `{text, names}`. `DELETE` removes it. For callers that may write. The hosted service has no such route. */
export function chartRoutes(service: Service, charts: Charts): Hono<{Variables: RequestIdVariables}> {
  const routes = new Hono<{Variables: RequestIdVariables}>()
  routes.onError((error, c) => renderFault(error, c.get('requestId')))
  const databaseOf = (headers: Headers, id: string) => {
    const principal = service.findPrincipal(headers)
    if (!principal) throw notSignedIn(headers)
    requireScope(principal, 'db:write')
    requireDatabaseOfKey(principal, id)
    const database = service.databases.find(principal.organizationId, id)
    if (!database) throw notFound(`There is no database ${id}.`)
    return database
  }
  routes.put(`${CHARTS_PATH}/:id`, async (c) => {
    const database = databaseOf(c.req.raw.headers, c.req.param('id'))
    const parsed = ChartSchema.safeParse(parseBody(await readBody(c.req.raw, CHART_BYTES_MAX)))
    if (!parsed.success) throw invalid('The chart is not sent as text.', fieldErrorsOf(parsed.error))
    const {compileChartSource} = await import('@parix/console')
    const compiled = await compileChartSource(parsed.data).catch((error: unknown) => {
      throw isParixError(error) ? invalid(error.message, {text: [error.message]}) : error
    })
    charts.keep(database.id, compiled)
    return c.json({ok: true, databaseId: database.id})
  })
  routes.delete(`${CHARTS_PATH}/:id`, (c) => {
    const {id} = databaseOf(c.req.raw.headers, c.req.param('id'))
    charts.forget(id)
    return c.json({ok: true, databaseId: id})
  })
  return routes
}
