using NativeCnn.Backends;
using NativeCnn.Backends.Managed;
using NativeCnn.Backends.Native;
using NativeCnn.Networks;
using NativeCnn.Training;

namespace NativeCnn.Stress;

/// <summary>One predictor used by many threads gives every one of them its own answer.</summary>
internal static class Predictions
{
    private const int Threads = 8;
    private const int Questions = 64;

    public static void Run(int count, Faults faults)
    {
        using Network network = Subjects.Small();
        using var one = new NativeBackend(1);
        using var two = new NativeBackend(2);
        using var managed = new ManagedBackend();
        AskOnePredictor(network, two, count, faults);
        AskOnePredictor(network, one, Math.Max(1, count / 10), faults);
        AskOnePredictor(network, managed, Math.Max(1, count / 100), faults);
        AskPredictorsOfOneBackend(network, two, Math.Max(1, count / 10), faults);
    }

    private static void AskOnePredictor(Network network, Backend backend, int count, Faults faults)
    {
        (float[][] questions, float[][] answers) = Expect(network, backend);
        using var predictor = new Predictor(network, backend);
        string where = $"one predictor on {backend.Name} with {backend.Threads} threads";
        faults.Begin(where);
        faults.RunTogether(Repeat(thread => AskAll(predictor, questions, answers, thread, count, where, faults)));
    }

    private static void AskPredictorsOfOneBackend(Network network, Backend backend, int count, Faults faults)
    {
        (float[][] questions, float[][] answers) = Expect(network, backend);
        var predictors = new Predictor[Threads];
        for (int i = 0; i < Threads; i++)
            predictors[i] = new Predictor(network, backend);
        const string Where = "predictors of one backend";
        faults.Begin(Where);
        faults.RunTogether(
            Repeat(thread => AskAll(predictors[thread], questions, answers, thread, count, Where, faults))
        );
        foreach (Predictor predictor in predictors)
            predictor.Dispose();
    }

    private static (float[][] Questions, float[][] Answers) Expect(Network network, Backend backend)
    {
        using var predictor = new Predictor(network, backend);
        float[][] questions = [.. Enumerable.Range(0, Questions).Select(i => Subjects.Pixels(network, i))];
        return (questions, [.. questions.Select(question => Subjects.Ask(predictor, question))]);
    }

    private static Action[] Repeat(Action<int> action) =>
        [.. Enumerable.Range(0, Threads).Select(thread => (Action)(() => action(thread)))];

    private static void AskAll(
        Predictor predictor,
        float[][] questions,
        float[][] answers,
        int thread,
        int count,
        string where,
        Faults faults
    )
    {
        for (int i = 0; i < count; i++)
        {
            // Neighbours ask different questions at the same time.
            int question = (i * Threads + thread * 5) % Questions;
            try
            {
                faults.Compare(where, answers[question], Subjects.Ask(predictor, questions[question]));
            }
            catch (InvalidOperationException e)
            {
                faults.Add($"{where}: {e.Message}");
            }
            faults.Tick();
        }
    }
}
