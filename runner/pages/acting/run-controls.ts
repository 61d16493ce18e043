import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { inputControl } from '../input-fields.ts'
import { shortTime } from '../page-time.ts'
import { actForm } from './act-form.ts'
import type { Acting } from './acting.ts'

/** Stop, resume, roll back, and the watch: beside the head of the run. */
export function runControls(acting: Acting): Markup {
  const { can, hasWatch, isDriven, question, approvals, problem } = acting
  const shownElsewhere = question !== undefined || approvals.length > 0
  const state = JSON.stringify([
    isDriven,
    acting.isStopping,
    can,
    hasWatch,
    acting.person,
    acting.watch,
    acting.asked,
    acting.runners?.isAlive,
    acting.runners?.others,
  ])
  return html`<div class="controls" data-part="controls" data-key="${state}">
    ${problem !== undefined && !shownElsewhere && html`<p class="problem" role="alert">${problem}</p>`}
    ${acting.asked.map(askedWords)}
    <div class="buttons">
      ${isDriven && stop(acting)} ${can.resume && resume(acting)}
      <a class="button reload" href="${acting.page}">Reload</a>
      ${can.rollback && html`<a class="button danger" href="${acting.page}rollback/">Roll back…</a>`}
      ${!hasWatch && (isDriven || can.resume) && takeOver(acting)}
    </div>
    ${moveRun(acting)} ${whoActs(acting)}
  </div>`
}

/** The runner of the run is not seen: what that means, and what the reader can do. */
export function runnerGone({ runners, page }: Acting): Markup | false {
  if (runners === undefined || runners.isAlive) return false
  const { owner, seenAt, isOwned, others } = runners
  const since =
    seenAt === undefined ? '' : html` since <time datetime="${seenAt}">${shortTime(seenAt)}</time>`
  if (!isOwned)
    return html`<p class="muted">
      The run can go on once its runner <b>${owner}</b> is back: it is not seen${since}.
    </p>`
  return html`<p class="problem" role="alert">
    The runner <b>${owner}</b> is not seen${since}. A step that was under way there may still go on. The run
    goes on by itself when <b>${owner}</b> is
    back${others.length > 0 ? html`, or <a href="${page}#elsewhere">on another runner</a> now` : '; no other runner is alive'}.
  </p>`
}

function askedWords({ act, by, at }: Acting['asked'][number]): Markup {
  const words = act === 'resume' ? 'to go on with the run' : 'to roll the run back'
  return html`<p role="status">
    <b>${by}</b> asked ${words} at <time datetime="${at}">${shortTime(at)}</time>. The runner has not read it
    yet.
  </p>`
}

function stop(acting: Acting): Markup {
  return acting.isStopping
    ? actForm(acting, 'stop', { now: 'yes' }, html`<button class="danger">Stopping: end it at once</button>`)
    : actForm(acting, 'stop', {}, html`<button>Stop</button>`)
}

function resume(acting: Acting): Markup {
  const { secrets, hasChanged } = acting
  const needs = html`${secrets.map((name) => html`<label>${name} <small>secret, given again</small>${inputControl(name, { type: 'secret' })}</label>`)}${
    hasChanged &&
    html`<label class="check"
      ><input type="checkbox" name="~frozen" value="yes" required /> The document has changed: continue with
      the recorded plan</label
    >`
  }`
  const form = actForm(acting, 'resume', {}, html`${needs}<button class="main">Resume</button>`)
  return form
}

/** A colleague takes the questions over: from then on the run is theirs, and they cannot approve it. */
function takeOver(acting: Acting): Markup {
  return actForm(
    acting,
    'watch',
    {},
    html`<button title="The run goes on as yours">Take over the watch</button>`,
  )
}

/** Another runner goes on with a run whose machine is gone. */
function moveRun(acting: Acting): Markup | false {
  const { runners } = acting
  if (runners === undefined || !runners.isOwned || runners.others.length === 0) return false
  const { owner, isAlive, others } = runners
  const form = html`<label
      >Runner
      <select name="runner">
        ${others.map((name) => html`<option>${name}</option>`)}
      </select></label
    >
    <label>Reason <small>recorded</small><input name="reason" required maxlength="1000" /></label>
    <label class="check"
      ><input type="checkbox" name="force" value="yes" /> I have made sure that ${owner} is off</label
    >
    <button class="danger">Go on there</button>`
  return html`<details id="elsewhere" ${!isAlive && html` open`}>
    <summary>On the runner ${owner}${isAlive ? '' : ', which is not seen'}: go on elsewhere</summary>
    ${actForm(acting, 'takeover', {}, form)}
  </details>`
}

/** Who acts at this browser: whoever signed in, or else a claim as at the terminal. */
function whoActs({ person, watch, hasWatch, folder, personToken, page }: Acting): Markup {
  const holds = hasWatch ? ', and have the watch' : html`; ${watch} has the watch`
  if (personToken === undefined)
    return html`<p class="who">You act as <b>${person}</b> <span class="muted">(signed in)</span>${holds}</p>`
  return html`<details class="who">
    <summary>You act as <b>${person}</b> <span class="muted">(claimed)</span>${holds}</summary>
    <form method="post" action="${folder}me" class="act" autocomplete="off">
      <input type="hidden" name="~token" value="${personToken}" /><input
        type="hidden"
        name="~back"
        value="${page.slice(folder.length)}"
      />
      <label>Act as <input name="person" value="${person}" required maxlength="200" /></label>
      <p class="hint">A name is a claim, here as with RUNBOOK_ACTOR. A passkey proves it.</p>
      <button>Change</button>
    </form>
  </details>`
}
