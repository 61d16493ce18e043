import { existsSync } from 'node:fs'
import * as z from 'zod'
import { checked } from './checked.ts'
import { textOf } from '../regular-file.ts'

const dashboardSchema = z.strictObject({
  name: z.string().min(1),
  url: z.url({ protocol: /^https?$/, error: 'Expected an address such as https://metrics.example/d/api' }),
  services: z.array(z.string().min(1)).min(1),
})

/** A page with graphs, for whoever was called by an alert of one of its services. */
export type Dashboard = z.output<typeof dashboardSchema>

const fileSchema = z.strictObject({ dashboards: z.array(dashboardSchema) })

/** The dashboards of a file; none when there is no file. @throws {ProblemError} */
export function readDashboards(file: string): Dashboard[] {
  if (!existsSync(file)) return []
  return checked(fileSchema, textOf(file), file).dashboards
}
