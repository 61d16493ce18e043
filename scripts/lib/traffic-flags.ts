import { DEFAULT_ADMIN, adminUrl } from '../lab/client.ts'
import { COMMON, DRY_RUN } from './args.ts'
import { usageFailure } from './failure.ts'
import { suggestion } from './suggest.ts'
import { type TrafficAdapter, adapterOfLab, haproxyAdapter, nginxAdapter } from './traffic-adapters.ts'
import { httpUrl, required } from './values.ts'

/** The flags that say which proxy carries the traffic, and those every command has. */
export const OPTIONS = {
  lab: {
    type: 'string',
    value: 'URL',
    help: `Admin address (default LAB_URL, else ${DEFAULT_ADMIN}). A lab with HAProxy is asked there once, for the socket.`,
  },
  adapter: {
    type: 'string',
    value: 'NAME',
    help: 'embedded, haproxy or nginx (default: what the lab runs).',
  },
  socket: { type: 'string', value: 'PATH', help: 'haproxy: its runtime socket.' },
  backend: { type: 'string', value: 'NAME', help: 'haproxy: the backend with both colors (default app).' },
  'state-file': { type: 'string', value: 'FILE', help: 'haproxy: its server-state-file, kept for a reload.' },
  config: {
    type: 'string',
    value: 'FILE',
    help: 'haproxy: its configuration, kept for a restart. nginx: the main one.',
  },
  include: { type: 'string', value: 'FILE', help: 'nginx: the file with one server line for each color.' },
  pid: { type: 'string', value: 'FILE', help: 'nginx: its pid file.' },
  url: { type: 'string', value: 'URL', help: 'nginx: where users ask.' },
  ...DRY_RUN,
  ...COMMON,
} as const

/** The values of those flags. */
interface AdapterFlags {
  lab?: string
  adapter?: string
  socket?: string
  backend?: string
  'state-file'?: string
  config?: string
  include?: string
  pid?: string
  url?: string
}

/** The adapter that the flags name; without any, the one of the lab. @throws {Failure} usage */
export async function adapterOf(values: AdapterFlags): Promise<TrafficAdapter> {
  switch (values.adapter) {
    case undefined:
      return values.socket === undefined ? await adapterOfLab(adminUrl(values.lab)) : haproxyOf(values)
    case 'embedded':
      return await adapterOfLab(adminUrl(values.lab))
    case 'haproxy':
      return haproxyOf(values)
    case 'nginx': {
      const include = required(values.include, '--include')
      const config = required(values.config, '--config')
      const url = httpUrl(required(values.url, '--url'), '--url')
      return nginxAdapter({ include, config, pidFile: required(values.pid, '--pid'), url }, 0)
    }
    default:
      throw usageFailure(
        `Unknown adapter "${values.adapter}".`,
        'No proxy of that name is supported.',
        suggestion(values.adapter, ['embedded', 'haproxy', 'nginx']),
      )
  }
}

function haproxyOf(values: AdapterFlags): TrafficAdapter {
  const socket = required(values.socket, '--socket')
  const { 'state-file': stateFile, config } = values
  return haproxyAdapter({ socket, backend: values.backend ?? 'app', stateFile, config })
}
