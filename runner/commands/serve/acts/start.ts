import { fillInputs, parseQuery } from '../../../alerts/link.ts'
import { asFailure, callProgram, startRunner } from '../../../engine/process/start-runner.ts'
import type { ProgramCall } from '../../../engine/process/start-runner.ts'
import { listEntries, readEntry } from '../../../library.ts'
import type { Runbook } from '../../../model/runbook.ts'
import { goingRuns, waitingOrders } from '../../../pages/acting/going-runs.ts'
import { dryPage, startForm } from '../../../pages/acting/start-form.ts'
import type { Starting } from '../../../pages/acting/start-form.ts'
import type { Answer, PageRequest, PageSource } from '../page-server.ts'
import { goingRunsOf } from '../going-runs.ts'
import { actorOf, envOf, fieldOf, pageAnswer, seeOther } from '../room.ts'
import type { Room, Visit } from '../room.ts'
import type { Session } from '../../../http/access.ts'
import { isFirst, pagePath, refuse, sentTwice } from './act.ts'
import { withInputs } from './control.ts'

type Place = Pick<Room, 'config' | 'io' | 'base' | 'tokens' | 'isHub' | 'team'>

async function documentOf({ config }: Pick<Room, 'config'>, slug: string): Promise<Runbook | undefined> {
  const entry = listEntries(config.content).find((one) => one.slug.toLowerCase() === slug.toLowerCase())
  return entry && (await readEntry(entry, config.root, config.kinds)).runbook
}

async function startingOf(
  room: Place,
  session: Session,
  { slug, meta, steps }: Runbook,
  filled: Pick<Starting, 'values' | 'fromLink' | 'context' | 'from'>,
): Promise<Starting> {
  return {
    action: `${room.base}start/${slug}`,
    token: room.tokens.issue(session, ['start', slug]),
    person: (await actorOf(room, session)).id,
    by: room.team ? 'team' : room.isHub ? 'signed in' : 'own',
    // The secrets of a team are those of its runners.
    inputs: Object.entries(meta.inputs ?? {}).filter(([, { type }]) => !room.team || type !== 'secret'),
    steps: steps.map(({ id, title }) => ({ id, title })),
    ...filled,
  }
}

/** The pages of runbooks as built, with a form that starts a run in place of the one that only fills commands in. */
export function startable(room: Place, pages: PageSource): PageSource {
  return {
    async answer(request: PageRequest): Promise<Answer | undefined> {
      const slug = /^runbooks\/(.+)\/$/.exec(request.path)?.[1]
      const answer = slug === undefined ? undefined : await pages.answer(request)
      if (!answer || slug === undefined || answer.status !== undefined) return undefined
      const runbook = await documentOf(room, slug)
      if (!runbook || typeof answer.body === 'string' || 'stream' in answer.body) return answer
      const specs = runbook.meta.inputs ?? {}
      const { values, context } = fillInputs(specs, parseQuery(request.query))
      const fromLink = new Set(Object.keys(values))
      const starting = await startingOf(room, request.session, runbook, {
        values,
        fromLink,
        context,
        from: '',
      })
      const waiting = waitingOrders((await room.team?.waiting(runbook.slug, room.base)) ?? [])
      const going = goingRuns(goingRunsOf(room.config.state, runbook.slug, room.base))
      const body = new TextDecoder()
        .decode(answer.body)
        .replace(/<form data-inputs[\s\S]*?<\/form>/, '')
        .replace(
          /<div data-start[^>]*><\/div>/,
          () => waiting.markup + going.markup + startForm(starting).markup,
        )
      return { ...answer, body }
    },
  }
}

/** Shows what a run would do, or starts it in a process of its own. */
export async function start(visit: Visit): Promise<Response> {
  const { room, context, session, fields } = visit
  const runbook = await documentOf(room, context.req.param('slug') ?? '')
  if (!runbook) return refuse(visit, { status: 404, problem: 'There is no such runbook, or it has errors' })
  const { slug, meta } = runbook
  const { title } = meta
  if (!room.tokens.fits(session, ['start', slug], fieldOf(visit, '~token')))
    return refuse(visit, {
      status: 409,
      problem:
        'This form is not one of this server for this browser. Open the runbook again; nothing was started.',
    })
  const specs = meta.inputs ?? {}
  // An empty field is not given: its default stands.
  const groups = Map.groupBy(
    fields.filter(([name, value]) => Object.hasOwn(specs, name) && value !== ''),
    ([name]) => name,
  )
  const inputs = [...groups].map(
    ([name, all]) => [name, all.map(([, value]) => value.replaceAll('\r\n', '\n')).join()] as const,
  )
  if (inputs.some(([, value]) => value.includes('\0')))
    return refuse(visit, { status: 422, problem: 'A value holds a NUL character; nothing was started.' })
  const from = fieldOf(visit, '~from')
  const call: ProgramCall = {
    args: [
      'exec',
      slug,
      ...(from === '' ? [] : ['--from', from, '--reason', 'chosen on the page of the runbook']),
    ],
    cwd: room.io.cwd,
    env: withInputs(envOf(room, session), inputs),
  }
  const isDry = fieldOf(visit, '~do') !== 'run'
  if (room.team && !isDry) return room.team.order(visit, slug, Object.fromEntries(inputs), from)
  if (!isDry && !(await isFirst(visit))) return refuse(visit, sentTwice)
  const result = await (isDry
    ? dryRun(call)
    : startRunner({ ...call, args: [...call.args, '--remote', '--json'] }))
  if (result.ok && !isDry) return seeOther(visit, pagePath(result.value))
  // A secret is typed again: no page holds one.
  const values = Object.fromEntries(inputs.filter(([name]) => specs[name]?.type !== 'secret'))
  const starting = await startingOf(room, session, runbook, {
    values,
    fromLink: new Set(),
    context: [],
    from,
  })
  const problem = result.ok ? undefined : `${result.problem.message}. ${result.problem.hint ?? ''}`.trim()
  const printed = result.ok ? result.value : ''
  const page = dryPage({ ...starting, title, runbook: `${room.base}runbooks/${slug}/`, printed, problem })
  return pageAnswer(visit, room.pages.framed(page, `Dry run: ${title}`), problem === undefined ? 200 : 422)
}

async function dryRun(call: ProgramCall) {
  const { code, out, said } = await callProgram({
    ...call,
    args: [...call.args, '--dry-run'],
    env: { ...call.env, FORCE_COLOR: '1' },
  })
  return code === 0 ? { ok: true as const, value: out } : asFailure(said)
}
