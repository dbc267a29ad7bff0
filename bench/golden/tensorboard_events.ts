/** Writes the run that `tensorboard_events.py` reads, into the folder given. */
import { writeKilledRun } from '../../packages/ts-diffusion/test/formats/event-run.js';

writeKilledRun(process.argv[2] ?? '/tmp/run');
