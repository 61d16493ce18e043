import { dirname, join } from 'node:path'
import { readDashboards } from '../../../runner/status/dashboards.ts'
import type { Dashboard } from '../../../runner/status/dashboards.ts'
import { siteConfig } from './runbook-pages.ts'
import { remember } from '../remember.ts'

const allDashboards = remember(async () =>
  readDashboards(join(dirname((await siteConfig()).content), 'links.yaml')),
)

/** The dashboards of any of these services. A file that cannot be read stops the build and is named. */
export async function dashboardsOf(services: readonly string[]): Promise<Dashboard[]> {
  return (await allDashboards()).filter((one) => one.services.some((service) => services.includes(service)))
}
