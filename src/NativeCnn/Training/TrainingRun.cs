using NativeCnn.Data;

namespace NativeCnn.Training;

/// <summary>One run of a trainer, from its beginning or from a checkpoint.</summary>
/// <param name="train">The examples to learn from.</param>
/// <param name="test">Examples that are only looked at, or null.</param>
/// <param name="firstUpdate">After how many of the optimiser's steps it began.</param>
/// <param name="start">Where it goes on; null for from its beginning.</param>
internal sealed class TrainingRun(IDataset train, IDataset? test, long firstUpdate, RunPosition? start = null)
{
    private double _finishedSeconds = start?.FinishedSeconds ?? 0;
    private long _finishedExamples = start?.FinishedExamples ?? 0;
    private EpochSums _sums = start?.Sums ?? default;
    private List<RunTerm>? _terms;

    public IDataset Train => train;

    public IDataset? Test => test;

    public long FirstUpdate => firstUpdate;

    public RunPosition? Start => start;

    public int BatchesPerEpoch { get; set; }

    /// <summary>Where the time goes; made when the run begins.</summary>
    public RunClock Clock { get; } = new();

    /// <summary>The epoch under way; null between epochs.</summary>
    public EpochRun? Epoch { get; set; }

    /// <summary>The last epoch before which second derivatives were estimated.</summary>
    public int EstimatedEpoch { get; set; } = start?.EstimatedEpoch ?? 0;

    /// <summary>Whether the network is as it would be had nobody ended the run early.</summary>
    public bool IsExact { get; set; } = true;

    /// <summary>How long training took, without tests.</summary>
    public double Seconds => _finishedSeconds + Sums.Seconds;

    /// <summary>How many examples that were.</summary>
    public long Examples => _finishedExamples + Sums.Examples;

    /// <summary>How many batches of the epoch under way were trained on.</summary>
    public int Step => Sums.Step;

    private EpochSums Sums => Epoch?.Sums ?? _sums;

    /// <summary>What was done of the epoch that begins, which is nothing for all but the first of a resumed run.</summary>
    public EpochSums TakeSums()
    {
        EpochSums sums = _sums;
        _sums = default;
        return sums;
    }

    /// <summary>Ends the epoch under way.</summary>
    public EpochRecord FinishEpoch(EvaluationResult? tested)
    {
        EpochRecord record = Epoch!.Record(tested);
        _finishedSeconds += Epoch.Sums.Seconds;
        _finishedExamples += Epoch.Sums.Examples;
        Epoch = null;
        return record;
    }

    /// <summary>Where the run stands; the trainer's and the network's counts are their own.</summary>
    public RunPosition Position(
        IReadOnlyList<EpochRecord> history,
        long steps,
        long updates,
        double masks,
        Func<List<RunTerm>> describe
    ) =>
        new()
        {
            Epoch = history.Count + 1,
            Sums = Sums,
            History = [.. history],
            Steps = steps,
            Updates = updates,
            FirstUpdate = firstUpdate,
            Masks = masks,
            EstimatedEpoch = EstimatedEpoch,
            FinishedSeconds = _finishedSeconds,
            FinishedExamples = _finishedExamples,
            Terms = _terms ??= describe(),
        };
}
