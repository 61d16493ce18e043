import { parseMetrics as parse } from '../../runner/kinds/gate/sources/openmetrics.ts'
import type { MetricSample } from '../../runner/kinds/gate/sources/openmetrics.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'

export type { MetricSample } from '../../runner/kinds/gate/sources/openmetrics.ts'

/**
 * Reads a metrics page as the gates of runbooks do.
 * @param contentType what the server says it is; a page of OpenMetrics must end with `# EOF`, or it was cut
 * @throws {CliError} naming the first line that cannot be read
 */
export function parseMetrics(text: string, contentType = ''): MetricSample[] {
  const read = parse(text, contentType)
  if (read.ok) return read.value
  const { message } = read.problem
  throw new CliError(exit.failed, `The metrics page cannot be read: ${message}`, 'Look at the page itself.')
}
