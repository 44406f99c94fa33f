/**
 * All that servers are compared by.
 *
 * @module
 */
import { heldWorkloads } from "./held_workloads.ts";
import { largeFileWorkloads } from "./large_file_workloads.ts";
import { requestWorkloads } from "./request_workloads.ts";
import { startWorkload } from "./start_workload.ts";
import type { Workload } from "./workload.ts";

/** In the order in which they are measured. */
export const workloads: Workload[] = [
  ...requestWorkloads,
  ...largeFileWorkloads,
  ...heldWorkloads,
  startWorkload,
];
