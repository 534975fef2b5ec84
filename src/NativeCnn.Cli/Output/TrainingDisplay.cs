using System.Diagnostics;
using NativeCnn.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NativeCnn.Cli.Output;

/// <summary>
/// Shows training as it runs: a live bar under the lines of the epochs on a terminal, the lines alone elsewhere.
/// </summary>
internal static class TrainingDisplay
{
    /// <summary>Runs <paramref name="train"/> with an observer that shows its progress.</summary>
    public static T Run<T>(CommandOutput output, int epochs, Func<ITrainingObserver, T> train)
    {
        if (!output.IsLive)
            return train(new EpochLines(output, epochs));
        FiguresColumn figures = new();
        Progress progress = output
            .Text.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), figures);
        return progress.Start(context => train(new Bar(output, epochs, context.AddTask("training"), figures)));
    }

    /// <summary>One line at the end of every epoch.</summary>
    private class EpochLines(CommandOutput output, int epochs) : ITrainingObserver
    {
        public virtual void BatchFinished(in TrainingProgress progress) { }

        public void EpochFinished(EpochRecord record) => output.Line(Figures.Epoch(record, epochs));
    }

    /// <summary>Those lines, and below them a bar over the whole training.</summary>
    private sealed class Bar(CommandOutput output, int epochs, ProgressTask task, FiguresColumn figures)
        : EpochLines(output, epochs)
    {
        // Five times a second is as fast as anyone reads; in between, a batch costs one look at the clock.
        private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

        private long _shown;

        public override void BatchFinished(in TrainingProgress progress)
        {
            if (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_interval)
                return;
            _shown = Stopwatch.GetTimestamp();
            task.Description = $"epoch {progress.Epoch}/{progress.Epochs}";
            task.MaxValue = (double)progress.StepsPerEpoch * progress.Epochs;
            task.Value = (double)progress.StepsPerEpoch * (progress.Epoch - 1) + progress.Step;
            figures.Text =
                $"{Figures.Rate(progress.ImagesPerSecond)}  loss {Figures.Loss(progress.Loss)}"
                + $"  accuracy {Figures.Percent(progress.Accuracy)}  {Figures.Duration(progress.Remaining)} left";
        }
    }

    /// <summary>What stands to the right of the bar. Training writes it, the thread that draws reads it.</summary>
    private sealed class FiguresColumn : ProgressColumn
    {
        private volatile string _text = "";

        public string Text
        {
            set => _text = value;
        }

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(_text);
    }
}
