import type { Context, MiddlewareHandler } from 'hono'
import { isNavigation } from '../../http/request-rules.ts'
import { html } from '../../pages/markup.ts'
import { sentence } from '../../pages/page-text.ts'
import { hubPage } from './hub/pages/hub-page.ts'
import type { PagePlace } from './hub/pages/hub-page.ts'

interface RefusalPlace extends PagePlace {
  origin: string
  /** Where a person signs in, who then goes on to `next`. */
  signIn?: string
  /** Where to go on from an address outside `base`, which is then not told. Default: `base`. */
  door?: string
}

type Refused = Parameters<typeof hubPage>[1]

const titles: Partial<Record<number, string>> = {
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'There is no such page',
  410: 'Nothing to sign',
  500: 'The page failed',
  503: 'The database is away',
}

/** Gives a refusal that a person would read as bare text a page, with the ways on from there. */
export function refusalsAsPages(place: RefusalPlace): MiddlewareHandler {
  return async (context, next) => {
    await next()
    const { status, headers } = context.res
    if (
      status < 400 ||
      !isNavigation(context) ||
      headers.get('content-type')?.startsWith('text/plain') !== true
    )
      return
    const words = (await context.res.text()).trimEnd()
    const title = titles[status] ?? 'Nothing was done'
    const { base, door = base } = place
    const here = { ...place, base: context.req.path.startsWith(base) ? base : door }
    const page = hubPage(
      context,
      status as Refused,
      title,
      html`${words !== title && html`<p>${sentence(words)}</p>`}
        <p>
          ${waysOn(here, context, status).map(([name, to]) => html`<a class="button" href="${to}">${name}</a> `)}
        </p>`,
      here,
    )
    // Undefined first: otherwise headers of the refusal stay.
    context.res = undefined
    context.res = page
  }
}

/** The page that the person comes from, or the run that the address is about; and the sign-in, where there is none. */
function waysOn(
  { base, origin, signIn }: RefusalPlace,
  context: Context,
  status: number,
): [name: string, address: string][] {
  const { pathname } = new URL(context.req.url)
  const from = pathOf(context.req.header('referer'), origin)
  const id = /^(?:runs|order)\/([^/]+)\//.exec(pathname.slice(base.length))?.[1]
  const run = id === undefined ? undefined : `runs/${id}/`
  const before = from !== undefined && from !== pathname ? from : run === undefined ? undefined : base + run
  const back = before === undefined || before === pathname ? base : before
  const name = back === base ? 'To the runbooks' : back === base + (run ?? '') ? 'To the run' : 'Back'
  if (status !== 401 || signIn === undefined) return [[name, back]]
  return [['Sign in', `${signIn}?next=${encodeURIComponent(back)}`]]
}

function pathOf(referer: string | undefined, origin: string): string | undefined {
  const url = referer === undefined ? null : URL.parse(referer)
  return url?.origin === origin ? url.pathname + url.search : undefined
}
