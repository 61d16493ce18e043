import { dirname, join } from 'node:path'
import { readDashboards } from '../../runner/status/dashboards.ts'
import type { Dashboard } from '../../runner/status/dashboards.ts'
import { siteConfig } from './runbook-pages.ts'

let read: Promise<Dashboard[]> | undefined

/** The dashboards of any of these services. A file that cannot be read stops the build and is named. */
export async function dashboardsOf(services: readonly string[]): Promise<Dashboard[]> {
  read ??= siteConfig().then(({ content }) => readDashboards(join(dirname(content), 'links.yaml')))
  return (await read).filter((one) => one.services.some((service) => services.includes(service)))
}
