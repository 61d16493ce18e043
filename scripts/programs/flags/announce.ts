import { redisCache } from '../../../runner/flags/redis-cache.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'
import { redisUrl } from '../../adapters/redis.ts'

/** The change itself is made: longer than this is not worth waiting for. */
const LIMIT_MS = 2000

/**
 * Tells the programs that keep the flags of an environment in Redis that they have changed.
 * @throws {CliError} when Redis does not answer; the programs still see the change within their own bound
 */
export async function announceChange(url: string, environment: string): Promise<void> {
  const cache = redisCache({ url: redisUrl(url).href, environment, limitMs: LIMIT_MS, reconnects: false })
  try {
    await cache.connect()
    await cache.announce()
  } catch (error) {
    throw new CliError(
      exit.failed,
      `The flags of ${environment} are changed in their file, and Redis was not told: ${messageOf(error)}`,
      'Programs that keep flags in Redis see the change within their `maxStaleMs`. Check FLAGS_REDIS_URL, then run this again.',
    )
  } finally {
    cache.close()
  }
}
