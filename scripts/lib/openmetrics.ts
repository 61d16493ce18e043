import { parseMetrics as parse } from '../../runner/kinds/gate/openmetrics.ts'
import type { Sample } from '../../runner/kinds/gate/openmetrics.ts'
import { Failure, messageOf } from './failure.ts'

export type { Sample } from '../../runner/kinds/gate/openmetrics.ts'

/**
 * Reads a metrics page as the gates of runbooks do.
 * @param contentType what the server says it is; a page of OpenMetrics must end with `# EOF`, or it was cut
 * @throws {Failure} naming the first line that cannot be read
 */
export function parseMetrics(text: string, contentType = ''): Sample[] {
  try {
    return parse(text, contentType)
  } catch (error) {
    throw new Failure('The metrics page cannot be read.', messageOf(error), 'Look at the page itself.')
  }
}
