import { decodeInSteps } from "../http/body/_machine.ts";
import { SteppedMachine } from "../http/body/_stepped_machine.ts";

// Loaded for this effect, and by simulations alone: programs go without.
decodeInSteps(SteppedMachine);
