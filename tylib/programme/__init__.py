"""The programme as its users know it: chains, specialised towns, zones, firms, projects and targets, by place."""
