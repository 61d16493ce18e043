import { runStatusWords } from '../journal/story/tone.ts'
import { addressPart } from '../model/text/address-part.ts'
import { formatDuration } from '../model/values/duration.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Links } from './run-addresses.ts'
import { isReadable } from './readable-run.ts'
import type { RunOrProblem, ReadableRun } from './readable-run.ts'
import { standing } from './standing.ts'
import { shortTime } from './page-time.ts'
import { apartIn } from './tell-apart.ts'
import { badge } from './tone-badge.ts'

/** The groups of runs that have an address of their own, for readers without scripts. */
export interface Group {
  /** `runbook`, `outcome`, `person` or `month`. */
  by: string
  value: string
  words: string
  /** Last part of its address, such as `outcome/failed`. */
  path: string
  runs: ReadableRun[]
}

/** Every group of runs by runbook, outcome, person and month, largest choice first as they are asked for. */
export function groupsOf(all: readonly RunOrProblem[]): Group[] {
  const runs = all.filter(isReadable)
  const folderOf = foldersOf(runs)
  return [
    ...group('runbook', runs, ({ state: { slug, title } }) => [
      [slug, [title, folderOf(slug, title)].filter(Boolean).join(' ')],
    ]),
    ...group('outcome', runs, ({ story: { head } }) => [[head.status, runStatusWords[head.status][0]]]),
    ...group('person', runs, ({ story }) => story.head.people.map((id) => [id, id])),
    ...group('month', runs, ({ state }) => [[state.startedAt.slice(0, 7), state.startedAt.slice(0, 7)]]),
  ]
}

/** The words that tell a runbook from others of its title that ran: its folder, or its slug. */
function foldersOf(runs: readonly ReadableRun[]): (slug: string, title: string) => string | undefined {
  const slugs = new Map<string, Set<string>>()
  for (const { state } of runs) slugs.set(state.title, (slugs.get(state.title) ?? new Set()).add(state.slug))
  return (slug, title) => apartIn(slug, [...(slugs.get(title) ?? [])]).folder
}

function group(
  by: string,
  runs: readonly ReadableRun[],
  valuesOf: (run: ReadableRun) => [string, string][],
): Group[] {
  const groups = new Map<string, Group>()
  for (const run of runs) {
    for (const [value, words] of valuesOf(run)) {
      const existing = groups.get(value) ?? { by, value, words, path: '', runs: [] }
      existing.runs.push(run)
      groups.set(value, existing)
    }
  }
  const taken = new Set<string>()
  return [...groups.values()].map((one) => ({ ...one, path: `${by}/${addressPart(one.value, taken)}` }))
}

/** The index of runs, or one group of it. */
export function runsPage(
  all: readonly RunOrProblem[],
  groups: readonly Group[],
  links: Links,
  chosen?: Group,
): Markup {
  const shown: readonly RunOrProblem[] = chosen?.runs ?? all
  const drills = shown.filter((one) => isReadable(one) && one.state.practice === true)
  const real = shown.filter((one) => !drills.includes(one))
  return html`<article class="plain runs-index">
    <h1>${chosen ? `Runs: ${chosen.words}` : 'Runs'}</h1>
    ${
      all.length === 0
        ? html`<p>
            No run is recorded yet. <code>runbook exec &lt;name&gt;</code> starts one; build the site again to
            see it here.
          </p>`
        : html`${chosen ? html`<p><a href="${links.runs()}">All runs</a></p>` : filters(groups)}
          ${!chosen && groupLinks(groups, links)} ${runList(real, links, true)}
          ${
            drills.length > 0 &&
            html`<h2>Practice</h2>
              <p class="muted">They count in no figure of real work.</p>
              ${runList(drills, links, true)}`
          }`
    }
  </article>`
}

/** The choices of the form; `field` is the name in the address, `?status=failed`. */
const asked: { by: string; field: string; label: string; any: string }[] = [
  { by: 'runbook', field: 'slug', label: 'Runbook', any: 'any' },
  { by: 'outcome', field: 'status', label: 'Outcome', any: 'any' },
  { by: 'person', field: 'person', label: 'Person', any: 'anybody' },
  { by: 'month', field: 'month', label: 'Month', any: 'any' },
]

function filters(groups: readonly Group[]): Markup {
  return html`<form class="filters needs-js" data-filter-runs aria-label="Which runs">
    ${asked.map(
      ({ by, field, label, any }) =>
        html`<div>
          <label for="by-${by}">${label}</label>
          <select id="by-${by}" name="${field}">
            <option value="">${any}</option>
            ${groups
              .filter((one) => one.by === by)
              .map(({ value, words }) => html`<option value="${value}">${words}</option>`)}
          </select>
        </div>`,
    )}
    <p role="status" class="muted"></p>
  </form>`
}

/** The form for a browser without scripts: each choice is a page. */
function groupLinks(groups: readonly Group[], links: Links): Markup {
  return html`<nav class="without-js" aria-label="Runs by group">
    <dl class="groups">
      ${asked.map(
        ({ by, label }) =>
          html`<div>
            <dt>By ${label.toLowerCase()}</dt>
            <dd>
              ${groups
                .filter((one) => one.by === by)
                .map(
                  ({ path, words, runs }) =>
                    html`<span class="choice"
                      ><a href="${links.runs(path)}">${words}</a>
                      <span class="muted">${runs.length}</span></span
                    > `,
                )}
            </dd>
          </div>`,
      )}
    </dl>
  </nav>`
}

/** A list of runs; with `forForm`, each carries what the form of the index asks for. */
export function runList(runs: readonly RunOrProblem[], links: Links, forForm = false): Markup {
  const folderOf = foldersOf(runs.filter(isReadable))
  return html`<ul class="runs">
    ${runs.map((one) => (isReadable(one) ? row(one, folderOf, links, forForm) : brokenRow(one.run, links)))}
  </ul>`
}

function brokenRow(run: string, links: Links): Markup {
  return html`<li data-status="broken">
    <a href="${links.run(run)}"><b>${run}</b></a> ${badge('bad', 'cannot be read')}
  </li>`
}

function row(
  readable: ReadableRun,
  folderOf: ReturnType<typeof foldersOf>,
  links: Links,
  forForm: boolean,
): Markup {
  const { run, state, story } = readable
  const { status, words, tone, ms, people } = story.head
  const folder = folderOf(state.slug, state.title)
  const traits = html` data-status="${status}" data-slug="${state.slug}"
  data-person="${JSON.stringify(people)}" data-month="${state.startedAt.slice(0, 7)}"`
  const when = html`<time datetime="${state.startedAt}">${shortTime(state.startedAt)}</time>`
  const dot = html`<i> · </i>`
  // One beside the other, with no space between: the list stands on pages that count their bytes.
  const parts = [
    html`<a href="${links.run(run)}"><b>${state.title}</b></a>`,
    folder !== undefined && html`<small>${folder}</small>`,
    badge(tone, words),
    state.practice && html`<span class="badge warn">practice</span>`,
    forForm && standing(readable).tone === 'bad' && badge('bad', 'evidence'),
    html`<span class="muted"
      ><span>${state.actor.id}</span
      >${ms !== undefined && html`${dot}<span>${formatDuration(ms)}</span>`}${dot}${when}</span
    >`,
  ]
  return html`<li${forForm && traits}>${parts}</li>`
}
