//! What happens to a group: load that wanders, instances that die, zones that fail, and people.

use super::dice::Dice;
use model::{
    autoscaling::{
        constraints::{Constraints, Origin},
        group::LaunchSource,
        instance_refresh::{
            InstanceRefresh, ProtectedInstances, RefreshPreferences, RefreshProgress, RefreshStatus, StandbyInstances,
        },
        membership,
        process::Process,
        simulation::{Faults, World},
    },
    ec2::instance::InstanceState,
    id::InstanceId,
};

/// The load and the chance of trouble.
pub(super) struct Weather {
    load: f64,
    /// Events of a thousand per kind and minute.
    roughness: u32,
    number: u64,
}

impl Weather {
    pub fn new(dice: &mut Dice) -> Self {
        Self { load: f64::from(dice.below(400)), roughness: dice.between(2, 60), number: 0 }
    }

    /// Per cent of one instance.
    pub const fn load(&self) -> f64 {
        self.load
    }

    /// One minute's changes; gives how many there were.
    pub fn strike(&mut self, world: &mut World, dice: &mut Dice, minute: u32) -> u64 {
        let step = f64::from(dice.below(121)) - 60.0;
        self.load = (self.load + step).clamp(0.0, 900.0);
        if minute == 0 {
            return 1;
        }
        type Event = fn(&mut Weather, &mut World, &mut Dice);
        let kinds: [Event; 12] = [
            Self::kill,
            Self::sicken,
            Self::stop,
            Self::fill_zone,
            Self::lose_zone,
            Self::spoil_launches,
            Self::set_desired,
            Self::set_limits,
            Self::protect,
            Self::suspend,
            Self::refresh,
            Self::people,
        ];
        let mut events = 0;
        for kind in kinds {
            if dice.permille(self.roughness) {
                kind(self, world, dice);
                events += 1;
            }
        }
        events
    }

    /// Everything is well again, and nobody does anything.
    pub fn clear(&mut self, world: &mut World) {
        world.faults = Faults::default();
        world.group.suspended.clear();
        world.group.new_instances_protected = false;
        for member in world.group.members.values_mut() {
            member.protected = false;
        }
        for instance in world.instances.values_mut() {
            instance.answers = true;
            instance.impaired = false;
        }
        world.scheduled.clear();
    }

    fn any(world: &World, dice: &mut Dice) -> Option<InstanceId> {
        let ids: Vec<InstanceId> = world.group.members.keys().cloned().collect();
        dice.one(&ids).cloned()
    }

    fn kill(&mut self, world: &mut World, dice: &mut Dice) {
        if let Some(id) = Self::any(world, dice) {
            world.change(&id, InstanceState::Terminated);
        }
    }

    fn stop(&mut self, world: &mut World, dice: &mut Dice) {
        let running = |id: &InstanceId| world.instances.get(id).is_some_and(|one| one.state == InstanceState::Running);
        if let Some(id) = Self::any(world, dice).filter(running) {
            world.change(&id, InstanceState::Stopping);
        }
    }

    fn sicken(&mut self, world: &mut World, dice: &mut Dice) {
        if let Some(instance) = Self::any(world, dice).and_then(|id| world.instances.get_mut(&id)) {
            if dice.permille(500) {
                instance.answers = !instance.answers;
            } else {
                instance.impaired = !instance.impaired;
            }
        }
    }

    fn fill_zone(&mut self, world: &mut World, dice: &mut Dice) {
        let Some(zone) = dice.one(&world.group.zones).cloned() else { return };
        if !world.faults.full_zones.remove(&zone) {
            world.faults.full_zones.insert(zone);
        }
    }

    fn lose_zone(&mut self, world: &mut World, dice: &mut Dice) {
        let Some(zone) = dice.one(&world.group.zones).cloned() else { return };
        if world.faults.impaired_zones.remove(&zone) {
            return;
        }
        let lost: Vec<InstanceId> =
            world.group.members.values().filter(|m| m.zone == zone).map(|m| m.instance_id.clone()).collect();
        for id in lost {
            world.change(&id, InstanceState::Terminated);
        }
        world.faults.impaired_zones.insert(zone);
    }

    fn spoil_launches(&mut self, world: &mut World, dice: &mut Dice) {
        let spoiled = !world.faults.dead_on_arrival && !world.faults.sick_on_arrival;
        world.faults.dead_on_arrival = spoiled && dice.permille(500);
        world.faults.sick_on_arrival = spoiled && !world.faults.dead_on_arrival;
    }

    fn set_desired(&mut self, world: &mut World, dice: &mut Dice) {
        // Also what is refused.
        let desired = dice.below(world.group.maximum + 2);
        let _refused = world.group.set_desired(desired, world.now);
    }

    fn set_limits(&mut self, world: &mut World, dice: &mut Dice) {
        let minimum = dice.below(6);
        let new = Constraints { minimum: Some(minimum), maximum: Some(dice.below(14)), desired: None };
        let _refused = world.group.constrain(new, Origin::UserRequest, world.now);
    }

    fn protect(&mut self, world: &mut World, dice: &mut Dice) {
        if let Some(id) = Self::any(world, dice) {
            let protected = dice.permille(600);
            let _refused = world.group.protect(&[id], protected);
        }
    }

    fn suspend(&mut self, world: &mut World, dice: &mut Dice) {
        let Some(process) = dice.one(&Process::ALL).copied() else { return };
        if world.group.suspended.remove(&process).is_none() {
            world.group.suspended.insert(process, "User suspended".to_owned());
        }
    }

    /// Begins a refresh, or cancels the one that is under way.
    fn refresh(&mut self, world: &mut World, dice: &mut Dice) {
        self.number += 1;
        let active = world.refresh.as_mut().filter(|refresh| !refresh.status.is_over());
        if let Some(refresh) = active {
            if matches!(refresh.status, RefreshStatus::Pending | RefreshStatus::InProgress) {
                refresh.status = RefreshStatus::Cancelling;
            }
            return;
        }
        let number = self.number;
        let previous = world.group.launch.clone();
        let minimum = dice.between(0, 10) * 10;
        let preferences = RefreshPreferences {
            minimum_healthy_percentage: Some(minimum),
            maximum_healthy_percentage: dice.permille(500).then(|| 100 + dice.below(minimum + 1)),
            instance_warmup_seconds: Some(dice.below(60)),
            auto_rollback: dice.permille(500),
            protected: if dice.permille(500) { ProtectedInstances::Ignore } else { ProtectedInstances::Refresh },
            // Nobody would bring them back: it would wait for an hour, and as long again in its rollback.
            standby: if dice.permille(500) { StandbyInstances::Ignore } else { StandbyInstances::Terminate },
            ..RefreshPreferences::default()
        };
        world.refresh = Some(InstanceRefresh {
            group: world.group.name.clone(),
            number,
            id: format!("refresh-{number}"),
            status: RefreshStatus::Pending,
            status_reason: None,
            requested_at: world.now,
            ended_at: None,
            desired_configuration: Some(LaunchSource::LaunchConfiguration(format!("web-{}", number + 1))),
            previous,
            preferences,
            live: RefreshProgress::default(),
            warm: None,
            rollback: None,
            work: None,
        });
    }

    /// Requests about one member; what is refused changes nothing.
    fn people(&mut self, world: &mut World, dice: &mut Dice) {
        let Some(id) = Self::any(world, dice) else { return };
        self.number += 1;
        let (what, decrement, now) = (dice.below(5), dice.permille(500), world.now);
        let activity_ids = vec![format!("request-{}", self.number)];
        let request = membership::Request { group: &mut world.group, activity_ids, now };
        let members = [id];
        let answer = match what {
            0 => request.terminate(&members, decrement),
            1 => request.detach(&members, decrement),
            2 => request.enter_standby(&members, decrement),
            3 => request.exit_standby(&members),
            _ => {
                let _refused = world.group.set_health(&members[0], false, false, now);
                return;
            }
        };
        for activity in answer.into_iter().flat_map(|done| done.started) {
            world.activities.insert(activity.id.clone(), activity);
        }
    }
}
