using NativeCnn.Schedules;

namespace NativeCnn.Tests.Schedules;

public sealed class ScheduleTests
{
    private const int StepsPerEpoch = 10;
    private const int Steps = 100;

    private static readonly Dictionary<string, Schedule> Rows = new()
    {
        ["constant"] = Schedule.Constant,
        ["step"] = new StepSchedule(2),
        ["milestones"] = new MilestoneSchedule(new(2, 0.4), new(5, 0.2)),
        ["exponential"] = new ExponentialSchedule(0.9),
        ["cosine"] = new CosineSchedule(0.1),
        ["one-cycle"] = new OneCycleSchedule(),
        ["warm-up"] = new WarmUpSchedule(15, new CosineSchedule()),
        ["plateau"] = new PlateauSchedule(1),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Fact]
    public void Every_schedule_has_a_row() =>
        Assert.Empty(EngineTypes.Of<Schedule>().Except(Rows.Values.Select(schedule => schedule.GetType())));

    [Theory]
    [MemberData(nameof(Names))]
    public void Factors_are_finite_and_not_negative_wherever_training_is_and_always_the_same(string name)
    {
        double[] once = [.. Enumerable.Range(0, Steps + 5).Select(step => At(Rows[name], step))];
        Assert.All(once, factor => Assert.InRange(factor, 0, 1));
        Assert.Equal(once, Enumerable.Range(0, Steps + 5).Select(step => At(Rows[name], step)));
        Assert.InRange(Rows[name].Factor(default), 0, 1);
        Assert.InRange(Rows[name].Factor(new TrainingPosition(0, 1, 0, [])), 0, 1);
        Assert.InRange(Rows[name].Factor(new TrainingPosition(long.MaxValue, long.MaxValue, int.MaxValue, [])), 0, 1);
    }

    // torch.optim.lr_scheduler.StepLR and ExponentialLR, stepped after every epoch.
    [Fact]
    public void Step_and_exponential_fall_by_epochs()
    {
        Assert.Equal([1, 1, 0.5, 0.5, 0.25], ByEpoch(new StepSchedule(2, 0.5), 5));
        Assert.Equal([1, 0.5, 0.25, 0.125], ByEpoch(new ExponentialSchedule(0.5), 4));
        Assert.Equal(1, At(new StepSchedule(1, 0.5), StepsPerEpoch - 1));
        Assert.All(ByEpoch(Schedule.Constant, 4), factor => Assert.Equal(1, factor));
    }

    [Fact]
    public void Milestones_have_their_factors_from_their_epochs_on()
    {
        Assert.Equal([1, 1, 0.4, 0.4, 0.2, 0.2], ByEpoch(new MilestoneSchedule(new(2, 0.4), new(4, 0.2)), 6));
        Assert.Equal([1, 0.5], ByEpoch(new MilestoneSchedule(new Milestone(1, 0.5)), 2));
        Assert.Throws<ArgumentOutOfRangeException>("milestones", () => new MilestoneSchedule());
        Assert.Throws<ArgumentOutOfRangeException>("milestones", () => new MilestoneSchedule(new Milestone(0, 1)));
        Assert.Throws<ArgumentOutOfRangeException>("milestones", () => new MilestoneSchedule(new Milestone(1, -1)));
        Assert.Throws<ArgumentOutOfRangeException>(
            "milestones",
            () => new MilestoneSchedule(new(3, 0.5), new(3, 0.25))
        );
    }

    // CosineAnnealingLR with T_max = 100 steps.
    [Fact]
    public void A_cosine_falls_from_1_by_way_of_the_middle()
    {
        var schedule = new CosineSchedule(0.2);
        Assert.Equal(1, At(schedule, 0));
        Assert.Equal(0.2 + 0.8 * (1 + Math.Sqrt(0.5)) / 2, At(schedule, 25), 1e-12);
        Assert.Equal(0.6, At(schedule, 50), 1e-12);
        Assert.Equal(0.2, At(schedule, 100), 1e-12);
    }

    // OneCycleLR(max_lr=1, total_steps=100): its rises end at step 29, its fall at step 99.
    [Fact]
    public void One_cycle_rises_and_falls()
    {
        var schedule = new OneCycleSchedule();
        Assert.Equal(0.04, At(schedule, 0), 1e-12);
        Assert.Equal(0.04 + 0.96 * (1 - Math.Cos(Math.PI * 10 / 29)) / 2, At(schedule, 10), 1e-12);
        Assert.Equal(1, At(schedule, 29), 1e-12);
        Assert.Equal(0.5, At(schedule, 64), 1e-5);
        Assert.Equal(0.04 / 1e4, At(schedule, 99), 1e-12);
    }

    [Fact]
    public void Warm_up_goes_before_any_other()
    {
        var schedule = new WarmUpSchedule(4, new StepSchedule(1, 0.5));
        Assert.Equal([0.25, 0.5, 0.75, 1, 1], Enumerable.Range(0, 5).Select(step => At(schedule, step)));
        Assert.Equal(0.5, At(schedule, StepsPerEpoch));
        Assert.Equal(0.5, At(new WarmUpSchedule(2), 0));
    }

    // ReduceLROnPlateau(patience=2, factor=0.5): after the third epoch that is not better, and again after three more.
    [Fact]
    public void A_plateau_lowers_the_rate_and_the_count_begins_again()
    {
        var schedule = new PlateauSchedule(2, 0.5, 0.01);
        double[] losses = [1, 0.5, 0.499, 0.6, 0.498, 0.7, 0.7, double.NaN, 0.4, 0.3];
        IEnumerable<double> factors = Enumerable
            .Range(0, losses.Length + 1)
            .Select(epoch => schedule.Factor(new TrainingPosition(epoch, 10, epoch, losses[..epoch])));
        Assert.Equal([1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25], factors);
    }

    [Fact]
    public void Numbers_out_of_range_are_refused_by_name()
    {
        void Refused(string name, Action make) => Assert.Throws<ArgumentOutOfRangeException>(name, make);
        Refused("epochs", () => _ = new StepSchedule(0));
        Refused("steps", () => _ = new WarmUpSchedule(0));
        Refused("patience", () => _ = new PlateauSchedule(-1));
        foreach (double bad in (double[])[double.NaN, double.PositiveInfinity, -0.5])
        {
            Refused("factor", () => _ = new StepSchedule(1, bad));
            Refused("factor", () => _ = new ExponentialSchedule(bad));
            Refused("final", () => _ = new CosineSchedule(bad));
            Refused("rising", () => _ = new OneCycleSchedule(bad));
            Refused("startDivisor", () => _ = new OneCycleSchedule(startDivisor: bad));
            Refused("finalDivisor", () => _ = new OneCycleSchedule(finalDivisor: bad));
            Refused("factor", () => _ = new PlateauSchedule(factor: bad));
            Refused("threshold", () => _ = new PlateauSchedule(threshold: bad));
        }
    }

    private static double At(Schedule schedule, int step) =>
        schedule.Factor(new TrainingPosition(step, Steps, step / StepsPerEpoch, []));

    private static double[] ByEpoch(Schedule schedule, int epochs) =>
        [.. Enumerable.Range(0, epochs).Select(epoch => At(schedule, epoch * StepsPerEpoch))];
}
