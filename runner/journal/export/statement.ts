import { actorWords } from '../../model/people/agents.ts'
import type { Plan } from '../../model/plan.ts'
import type { Event } from '../record/event.ts'
import { decisionText } from '../story/story-moment.ts'
import { tell } from '../story/story.ts'
import type { Verification } from '../verify/verify-evidence.ts'
import { asLine } from './escape.ts'

/** The facts that hold when every check holds, one sentence each. `**` and backticks mark as in Markdown. */
export const proven: readonly string[] = [
  'No event was changed, deleted, inserted or reordered after the head was signed, and the end was not cut off.',
  'The document and the plan are those the run was started with; each file of output is what the step wrote then.',
  'The head was signed by the key of the person it names, which your list allowed at the time it says.',
  'Each approval was signed by the person it names, about exactly this run, step, plan, inputs and text shown, after all the events before it; nobody approved a run they had started or resumed until then.',
  'No step began before the steps ahead of it were finished, approvals among them.',
  '`heads.jsonl` lists all runs until then and holds no later state of this one.',
]

/** Limits of all checks. */
export const notProven: readonly string[] = [
  "**That what was written was true.** A runner that lies while it writes signs its lies. Approvals limit this: an approver's signature fixes all that went before it.",
  "**Events after the last approval**, against the holder of the runner's key: they can rewrite what follows it, cut it off, and sign again. A closing by a second person (`close.json`), or an anchor outside (a commit in a repository they cannot rewrite, a time stamp) made before, closes this.",
  "**The time**, but for an anchor: the clock is the runner's. That it never went back is checked; that it was right is not.",
  '**That no run is missing after this one**: ask for the newest index, or its anchor.',
  "Anything about the world beyond what the steps printed, and anything a key's holder did with a stolen key before it was revoked.",
]

export const unsignedMeans =
  'This run is **UNSIGNED**: of the list above only that its parts fit together is shown, not by whom they were made.'

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${sentence}`).join('\n')
}

/** One page for somebody who has never seen this program: what the bundle proves, what it does not, how to see for oneself. */
export function statement(
  events: readonly Event[],
  planText: string,
  { signed, verified }: Verification,
): string {
  const { head, decisions } = tell(events, JSON.parse(planText) as Plan)
  return `# What this folder proves

Run \`${head.run}\` of the runbook "${asLine(head.title)}": ${head.words}.

| | |
| --- | --- |
| Started | ${head.startedAt} by ${asLine(actorWords(head.by))} on ${asLine(head.by.host)} |
| Ended | ${head.endedAt ?? 'not yet'} |
| Decisions and exceptions | ${decisions.map((moment) => asLine(decisionText(moment))).join('<br>') || 'none'} |
| Inputs | ${asLine(
    head.inputs.map(({ name, value }) => `${name}=${value ?? '(secret)'}`).join(', ') || 'none',
  )} |
| Signed | ${signed ? 'yes' : '**UNSIGNED**: anybody who could write to this folder could have written all of it'} |
| When exported | ${verified ? 'every check held' : '**not every check held**; run the check to see which'} |

## Check it yourself

    sh verify.sh . your_allowed_signers

It needs sh, coreutils, jq and ssh-keygen, no program of ours, and is short enough to read first. Give it the list of
keys that **you** trust, from the repository that keeps it under review: without one it uses \`allowed_signers\` in
this folder, which whoever made the folder chose. Exit code 0 and \`VERIFIED\` mean that every check held.

This text is not signed, and neither is a page that came with it. The check prints who signed the run and each approval, from the
signed texts: believe that.

## What is proven when it says VERIFIED

${list(proven)}

## What is not proven

${list(notProven)}
${signed ? '' : `\n${unsignedMeans}\n`}
## Files

| file | what it is |
| --- | --- |
| run.jsonl | the journal: one event on each line, each with the hash of the line before |
| plan.json, document.mdx | what was to be done, resolved, and the document it came from |
| steps/ | what the steps printed, secrets redacted before it was written |
| head.json, head.json.sig | length and last hash of the journal when it ended, and the runner's signature |
| close.json, close.json.sig | a second person's signature under the end, if there is one |
| head.json.tsr | a time stamp (RFC 3161) of the head, if there is one |
| heads.jsonl | the index of all runs, itself chained |
| allowed_signers, revoked_keys | the keys that counted when the run began, and those that no longer do |
| allowed_signers.sigs, revoked_keys.sigs | signatures of keepers over these lists, if there are any |
| verify.sh, checks.jq, keys.sh | the check |
`
}
