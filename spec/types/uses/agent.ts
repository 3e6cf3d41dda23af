/** The guest agent. */
import { NEVER } from 'rxjs';
import { dialOneSocket, localEngine, runAgent, runcEngine, serveAgent } from 'rxshim/agent';

export const agents = (): void => {
  runAgent({ dial: dialOneSocket({ path: '/s' }), engine: localEngine(), stop$: NEVER });
  // @ts-expect-error an option that there is not
  runAgent({ dail: dialOneSocket({ path: '/s' }), engine: localEngine(), stop$: NEVER });
  // @ts-expect-error an agent has an engine
  runAgent({ dial: dialOneSocket({ path: '/s' }), stop$: NEVER });
  void [runcEngine, serveAgent];
};
