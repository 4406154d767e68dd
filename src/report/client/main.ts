/** What runs in the report page. Bundled into it; asks for nothing from outside. */
import { startDownloads } from "./downloads.ts";
import { startFigures } from "./figures.ts";
import { startPlanViews } from "./plan-views.ts";

startFigures();
startPlanViews();
startDownloads();
document.documentElement.dataset["ready"] = "yes";
