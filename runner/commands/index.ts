import { programs } from '../../scripts/programs.ts'
import type { Program } from '../kit/command.ts'
import { exit } from '../kit/exit.ts'
import { abandon } from './abandon/index.ts'
import { alertsCheck } from './alerts/check/index.ts'
import { alertsLinks } from './alerts/links/index.ts'
import { alertsScaffold } from './alerts/scaffold/index.ts'
import { alertsServe } from './alerts/serve/index.ts'
import { anchor } from './anchor/index.ts'
import { answer } from './answer/index.ts'
import { approve } from './approve/index.ts'
import { audit } from './audit/index.ts'
import { check } from './check/index.ts'
import { close } from './close/index.ts'
import { completion } from './completion/index.ts'
import { doctor } from './doctor/index.ts'
import { drill } from './drill/index.ts'
import { exec } from './exec/index.ts'
import { exportRun } from './export/index.ts'
import { fleetApprove } from './fleet/approve/index.ts'
import { fleetResume } from './fleet/resume/index.ts'
import { fleetStop } from './fleet/stop/index.ts'
import { fleetUndo } from './fleet/undo/index.ts'
import { gc } from './gc/index.ts'
import { importRunbooks } from './import/index.ts'
import { hubAudit } from './hub/audit/index.ts'
import { init } from './init/index.ts'
import { keysAdd } from './keys/add/index.ts'
import { keysCheck } from './keys/check/index.ts'
import { list } from './list/index.ts'
import { log } from './log/index.ts'
import { lsp } from './lsp/index.ts'
import { mcp } from './mcp/index.ts'
import { newRunbook } from './new/index.ts'
import { order } from './order/index.ts'
import { orders } from './orders/index.ts'
import { plan } from './plan/index.ts'
import { postmortem } from './postmortem/index.ts'
import { reject } from './reject/index.ts'
import { request } from './request/index.ts'
import { requireRun } from './require/index.ts'
import { resolve } from './resolve/index.ts'
import { resume } from './resume/index.ts'
import { rollback } from './rollback/index.ts'
import { runner } from './runner/index.ts'
import { runners } from './runners/index.ts'
import { runs } from './runs/index.ts'
import { schema } from './schema/index.ts'
import { schedules } from './schedules/index.ts'
import { schedulesServe } from './schedules/serve/index.ts'
import { serve } from './serve/index.ts'
import { show } from './show/index.ts'
import { skills } from './skills/index.ts'
import { siteBuild } from './site/build/index.ts'
import { siteDev } from './site/dev/index.ts'
import { stats } from './stats/index.ts'
import { takeover } from './takeover/index.ts'
import { withdraw } from './withdraw/index.ts'
import { teamDoctor } from './team/doctor/index.ts'
import { teamGc } from './team/gc/index.ts'
import { teamMigrate } from './team/migrate/index.ts'
import { teamRestored } from './team/restored/index.ts'
import { teamShip } from './team/ship/index.ts'
import { testRunbooks } from './test-runbooks/index.ts'
import { verify } from './verify/index.ts'

/** The program: every command, by what it is for. */
export const runbook: Program = {
  name: 'runbook',
  summary: 'one file is the page you read, the procedure you run, and the evidence you keep.',
  groups: [
    ['Look', [list, show, check, testRunbooks, plan, doctor, runs, log, stats]],
    ['Run', [exec, drill, resume, rollback, resolve, abandon, approve, reject, request, answer]],
    ['People', [keysAdd, keysCheck]],
    ['Prove', [verify, close, anchor, exportRun, audit, requireRun, gc, postmortem]],
    ['Write', [init, newRunbook, importRunbooks, schema, lsp, completion]],
    ['Alerts', [alertsCheck, alertsLinks, alertsScaffold, alertsServe]],
    [
      'Team',
      [
        runner,
        order,
        orders,
        runners,
        withdraw,
        takeover,
        schedules,
        schedulesServe,
        teamMigrate,
        teamDoctor,
        teamRestored,
        teamShip,
        teamGc,
        hubAudit,
      ],
    ],
    ['Fleets', [fleetApprove, fleetStop, fleetResume, fleetUndo]],
    ['Pages', [siteBuild, siteDev, serve]],
    ['Agents', [mcp, skills]],
  ],
  programs: ['Operations', programs],
  exits: [
    [exit.done, 'done'],
    [exit.failed, 'a step or a check failed (undone if the runbook says so)'],
    [exit.usage, 'usage: unknown command, flag or input, or a bad value'],
    [exit.invalid, 'the runbook has errors'],
    [exit.decided, 'stopped by a decision: rejected, or a gate failed'],
    [exit.waiting, 'waiting for a person; the next command is printed'],
    [exit.rollbackFailed, 'the rollback failed; it needs a person'],
    [exit.notEnded, '`verify`: the run has not ended, and its journal is valid so far'],
    [exit.internal, 'a bug in runbook'],
    [exit.interrupted, 'interrupted (143: terminated)'],
  ],
  examples: ['runbook init', 'runbook new blank hello', 'runbook exec hello', 'runbook log last'],
}
